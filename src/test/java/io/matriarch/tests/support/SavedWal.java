package io.matriarch.tests.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The WAL that a diverged member saved aside before it was rewound, and what it says about itself. */
public record SavedWal(Path directory, Map<?, ?> summary) {

    /** The directories in which a member has saved WAL so far. */
    public static Set<Path> directories(Member member) {
        Path all = member.stateDirectory().resolve("diverged");
        if (!Files.isDirectory(all)) {
            return Set.of();
        }
        try (Stream<Path> saved = Files.list(all)) {
            return new TreeSet<>(saved.toList());
        } catch (IOException e) {
            throw new AssertionError("cannot list " + all, e);
        }
    }

    /** What the member saved since {@link #directories} gave {@code before}: once, and complete. */
    public static SavedWal since(Set<Path> before, Member member) throws IOException {
        Set<Path> saved = new TreeSet<>(directories(member));
        saved.removeAll(before);
        assertThat(saved).as("the WAL that " + member.name() + " saved").hasSize(1);
        Path directory = saved.iterator().next();
        Object json = new Http.Answer(200, Files.readString(directory.resolve("summary.json"))).json();
        return new SavedWal(directory, (Map<?, ?>) json);
    }

    /**
     * Says that the lost rows are in it: it begins where the successor left the old timeline, and holds a commit for each of them.
     */
    public void assertHolds(List<Acknowledgement> lost, Member successor) throws IOException, SQLException {
        Set<String> timelines = new TreeSet<>();
        lost.forEach(row -> timelines.add(row.timeline()));
        String timeline = String.format("%08X", ((Number) value("timeline")).intValue());
        assertThat(timelines).as("timelines of the lost rows").containsExactly(timeline);
        String begin = Sql.ask(successor.endpoint(), "select '" + text("from") + "'::pg_lsn");
        assertThat(begin).as("begin of the saved WAL").isEqualTo(switchPoint(successor, timeline));
        String forwards = "select '" + text("end") + "'::pg_lsn > '" + begin + "'::pg_lsn";
        assertThat(Sql.ask(successor.endpoint(), forwards))
                .as("end after begin")
                .isEqualTo("t");

        long committed = ((Number) value("committed")).longValue();
        assertThat(committed).as("saved commits").isGreaterThanOrEqualTo(lost.size());
        try (Stream<String> records = Files.lines(directory.resolve("records.txt"))) {
            assertThat(records.filter(line -> line.contains(" COMMIT ")).count())
                    .as("commits in records.txt")
                    .isEqualTo(committed);
        }
        assertThat((List<?>) value("segments"))
                .isNotEmpty()
                .allSatisfy(segment -> assertThat(
                                directory.resolve(segment.toString().replace(".partial", "")))
                        .isNotEmptyFile());
    }

    private static String switchPoint(Member successor, String timeline) throws SQLException {
        String now = "substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8)";
        String history = Sql.ask(successor.endpoint(), "select pg_read_file('pg_wal/' || " + now + " || '.history')");
        int number = Integer.parseInt(timeline, 16);
        return history.lines()
                .map(line -> line.split("\t"))
                .filter(fields -> fields.length > 1 && fields[0].equals(Integer.toString(number)))
                .map(fields -> fields[1])
                .findFirst()
                .orElseThrow(() -> new AssertionError("timeline " + number + " is not in the history: " + history));
    }

    private Object value(String key) {
        Object value = summary.get(key);
        assertThat(value).as(key + " in " + summary.keySet()).isNotNull();
        return value;
    }

    private String text(String key) {
        return value(key).toString();
    }
}
