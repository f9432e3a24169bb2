package io.matriarch.backup;

import java.util.List;
import java.util.Optional;

/** What became of a wish for a job: start, stop, restart or abandon. */
public sealed interface JobAnswer {

    /** Done, or begun; {@code run} is the execution that was started, or that was stopped or abandoned, as it is now. */
    record Accepted(JobRun run) implements JobAnswer {}

    /** There is no such execution. */
    record Unknown(long id) implements JobAnswer {}

    /** Not now, or not for this one: says why, and what can be done instead. */
    record Refused(String why) implements JobAnswer {}

    /** The wish itself is wrong: one sentence for each problem. */
    record Wrong(List<String> problems) implements JobAnswer {
        public Wrong {
            problems = List.copyOf(problems);
        }
    }

    /** The server could not: its job XML is missing or broken, or its records cannot be written. */
    record Broken(String why) implements JobAnswer {}

    /** The execution, if it was accepted. */
    default Optional<JobRun> accepted() {
        return this instanceof Accepted accepted ? Optional.of(accepted.run()) : Optional.empty();
    }

    /** One sentence for people. */
    default String sentence() {
        return switch (this) {
            case Accepted accepted ->
                accepted.run().job() + " is execution " + accepted.run().id();
            case Unknown unknown -> "no execution of a job has the id " + unknown.id();
            case Refused refused -> refused.why();
            case Wrong wrong -> String.join("; ", wrong.problems());
            case Broken broken -> broken.why();
        };
    }
}
