package io.matriarch.backup;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The jobs there are; the XML of each is {@code META-INF/batch-jobs/<name>.xml}. A new job needs its constant here, with what it takes, and its
 * XML; everything else (start, list, stop, restart, REST, shell) follows.
 */
public enum Job {
    /** Copies the cluster, and verifies the copy. */
    BASE_BACKUP(
            "base-backup",
            Again.START_ANEW,
            Beside.NO_OTHER,
            Parameter.may(
                    Job.INCREMENTAL,
                    Job.MUST + "|" + Job.MAY,
                    "must (an incremental backup or none) or may (a full one when it is time for it, or no other is possible)"),
            Parameter.may(
                    "throttle",
                    "off|[1-9][0-9]{0,2}%|1000%",
                    "by how much the primary may answer later than before, from 1% to 1000%, or off")),

    /** Restores a backup in a sandbox. */
    VERIFY_BACKUP(
            "verify-backup",
            Again.RESTART,
            Beside.NO_OTHER,
            Parameter.may(
                    "label",
                    "[A-Za-z0-9][A-Za-z0-9._=+-]{0,199}",
                    "the label of a backup, as the list of backups shows it, or stalest"),
            Parameter.may(
                    "replay",
                    "consistency|random|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{5,15}Z",
                    "consistency, random, or a moment like 2026-06-15T12:00:00Z: up to where is replayed")),

    /** Lets backups go that nobody needs any more. */
    EXPIRE_BACKUPS("expire-backups", Again.RESTART, Beside.NO_OTHER),

    /** Restores the cluster's data into a directory of this machine, beside the cluster. */
    RESTORE_STANDALONE(
            "restore-standalone",
            Again.RESTART,
            Beside.ANY,
            Parameter.must(
                    "request", "\\{[^\\p{Cntrl}#]{1,2000}\\}", "the JSON of a request to /matriarch/v1/restores")),

    /** Proves that no WAL lacks between the oldest backup and the present; it only reads. */
    WAL_CONTINUITY("wal-continuity", Again.START_ANEW, Beside.ANY),

    /** Proves that a directory can take backups. */
    CHECK_REPOSITORY(
            "check-repository",
            Again.RESTART,
            Beside.ANY,
            Parameter.must("repository", "/[^\\p{Cntrl}]{0,999}", "the absolute path of a directory"));

    /** Parameter of a base backup: that only what changed is to be copied. Without it the backup is a full one. */
    public static final String INCREMENTAL = "incremental";
    /** Where that is not possible there is to be no backup. */
    public static final String MUST = "must";
    /** Where that is not possible, or not due, the backup is to be a full one. */
    public static final String MAY = "may";

    /** What may follow an execution that failed or was stopped. */
    enum Again {
        /** It can be restarted: what it did before is found and not done twice, or does no harm twice. */
        RESTART,
        /** Only a new one makes sense: the cluster has moved on. */
        START_ANEW
    }

    /** What may run at the same time. */
    enum Beside {
        /** No other of this kind: each of these reads or writes the whole repository. */
        NO_OTHER,
        ANY
    }

    /**
     * What a job may be told.
     *
     * @param allowed what its value has to match as a whole
     * @param meaning the same for people
     */
    public record Parameter(String name, boolean required, Pattern allowed, String meaning) {
        static Parameter must(String name, String allowed, String meaning) {
            return new Parameter(name, true, Pattern.compile(allowed), meaning);
        }

        static Parameter may(String name, String allowed, String meaning) {
            return new Parameter(name, false, Pattern.compile(allowed), meaning);
        }

        private Optional<String> problem(Map<String, String> given) {
            var value = given.get(name);
            if (value == null) {
                return required ? Optional.of("the parameter " + name + " is missing: " + meaning) : Optional.empty();
            }
            return allowed.matcher(value).matches()
                    ? Optional.empty()
                    : Optional.of("the parameter " + name + " is \"" + shown(value) + "\"; allowed is " + meaning);
        }

        private static String shown(String value) {
            var printable = value.replaceAll("\\p{Cntrl}", "?");
            return printable.length() <= LONGEST_SHOWN ? printable : printable.substring(0, LONGEST_SHOWN) + "...";
        }
    }

    private static final int LONGEST_SHOWN = 60;
    /** What the batch runtime's records have room for. */
    private static final int ROOM_FOR_PARAMETERS = 3000;

    private final String word;
    private final Again again;
    private final Beside beside;
    private final List<Parameter> parameters;

    Job(String word, Again again, Beside beside, Parameter... parameters) {
        this.word = word;
        this.again = again;
        this.beside = beside;
        this.parameters = List.of(parameters);
    }

    /** Its name, which is the name of its XML and the id in it. */
    public String word() {
        return word;
    }

    /** Whether an execution that failed or was stopped can be restarted. */
    public boolean restartable() {
        return again == Again.RESTART;
    }

    /** Whether no other exclusive job may run at the same time. */
    public boolean exclusive() {
        return beside == Beside.NO_OTHER;
    }

    /** What it may be told. */
    public List<Parameter> parameters() {
        return parameters;
    }

    /** The job of that name. */
    public static Optional<Job> of(String word) {
        return Arrays.stream(values()).filter(job -> job.word.equals(word)).findFirst();
    }

    /** All names, for people. */
    public static String words() {
        return Arrays.stream(values()).map(Job::word).collect(Collectors.joining(", "));
    }

    /** What is wrong with these parameters: one sentence each, with what is allowed; empty if nothing is. */
    public List<String> problems(Map<String, String> given) {
        var problems = new ArrayList<String>();
        for (String name : given.keySet().stream().sorted().toList()) {
            if (parameters.stream().noneMatch(p -> p.name().equals(name))) {
                problems.add(word + " knows no parameter " + Parameter.shown(name) + "; allowed: " + names());
            }
        }
        parameters.forEach(p -> p.problem(given).ifPresent(problems::add));
        int length = given.entrySet().stream()
                .mapToInt(e -> e.getKey().length() + e.getValue().length() + 2)
                .sum();
        if (length > ROOM_FOR_PARAMETERS) {
            problems.add("the parameters have " + length + " characters together; allowed are " + ROOM_FOR_PARAMETERS);
        }
        return List.copyOf(problems);
    }

    private String names() {
        return parameters.isEmpty()
                ? "none"
                : parameters.stream().map(Parameter::name).collect(Collectors.joining(", "));
    }
}
