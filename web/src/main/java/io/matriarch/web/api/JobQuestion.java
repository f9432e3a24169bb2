package io.matriarch.web.api;

import io.matriarch.backup.Job;
import io.matriarch.backup.JobQuery;
import io.matriarch.backup.JobRun;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a caller asks of the list of jobs, read from the query of the address.
 *
 * @param query empty if something is wrong with it
 * @param problems one sentence for each thing that is wrong, with what is allowed
 */
record JobQuestion(Optional<JobQuery> query, List<String> problems) {
    private static final int USUAL = 20;

    static JobQuestion read(
            @Nullable String limit,
            @Nullable String offset,
            @Nullable String before,
            @Nullable String job,
            @Nullable String state) {
        var problems = new ArrayList<String>();
        long size = QueryNumber.read("limit", limit, 1, JobQuery.MOST, problems).orElse((long) USUAL);
        long skip = QueryNumber.read("offset", offset, 0, Integer.MAX_VALUE, problems)
                .orElse(0L);
        var below = QueryNumber.read("before", before, 1, Long.MAX_VALUE, problems);
        var named = Optional.ofNullable(job).filter(text -> !text.isEmpty());
        var found = named.flatMap(Job::of);
        if (named.isPresent() && found.isEmpty()) {
            problems.add("there is no job of that name; job is one of: " + Job.words());
        }
        var states = states(state, problems);
        return problems.isEmpty()
                ? new JobQuestion(Optional.of(new JobQuery(found, states, below, (int) size, (int) skip)), List.of())
                : new JobQuestion(Optional.empty(), List.copyOf(problems));
    }

    private static List<JobRun.State> states(@Nullable String text, List<String> problems) {
        if (text == null || text.isEmpty()) {
            return List.of();
        }
        var wanted = List.of(text.toUpperCase(Locale.ROOT).split(",", -1));
        var all = Arrays.asList(JobRun.State.values());
        if (!all.stream().map(Enum::name).toList().containsAll(wanted)) {
            problems.add("state is one or more, with commas between, of: "
                    + all.stream().map(Enum::name).collect(Collectors.joining(", ")));
            return List.of();
        }
        return wanted.stream().map(JobRun.State::valueOf).toList();
    }
}
