package io.matriarch.ha.adapter.postgres;

import static io.matriarch.ha.adapter.postgres.Scenario.check;
import static io.matriarch.ha.adapter.postgres.Scenario.fails;
import static io.matriarch.ha.adapter.postgres.Scenario.same;
import static io.matriarch.ha.adapter.postgres.Scenario.until;

import io.matriarch.ha.json.Json;
import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.PostgresRole;
import io.matriarch.ha.model.PostgresState;
import io.matriarch.ha.model.SystemIdentifier;
import io.matriarch.ha.model.Timeline;
import io.matriarch.ha.port.PostgresControl.Progress;
import io.matriarch.ha.port.PostgresException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** What {@link LocalPostgresControl} promises, tried on a real PostgreSQL. */
final class ControlScenarios implements AutoCloseable {
    private static final Progress QUIET = (step, done, total) -> {};
    private static final SystemIdentifier FOREIGN = new SystemIdentifier("1234567890123456789");

    private final Path root;
    private final Path binDir;
    private final List<Integer> ports;
    private final List<Member> members = new ArrayList<>();

    ControlScenarios(Path root, Path binDir) throws Exception {
        this.root = root;
        this.binDir = binDir;
        this.ports = Scenario.freePorts(5);
    }

    private Member member(String name, String morePostgres, String moreBootstrap) throws Exception {
        var member = new Member(root, name, ports.get(members.size()), binDir, morePostgres, moreBootstrap);
        members.add(member);
        return member;
    }

    private SystemIdentifier bootstrap(Member member) throws Exception {
        SystemIdentifier system = member.control.initialize(() -> true, QUIET);
        member.run(member.control.prepareStartAsPrimary());
        return system;
    }

    private void join(Member member, Member leader, SystemIdentifier system) throws Exception {
        leader.control.syncSlots(Set.of(member.name.slotName()), Map.of(), Member.BOUND);
        member.control.cloneFrom(leader.upstreamFor(member), Optional.of(system), QUIET);
        member.run(member.control.prepareStartAsReplica(leader.upstreamFor(member)));
        awaitStreaming(member, leader);
    }

    private static void awaitStreaming(Member member, Member leader) throws Exception {
        until(
                member.name + " streams from " + leader.name,
                () -> leader.ask("select count(*) from pg_stat_replication"
                                + " where state = 'streaming' and application_name = '" + member.name + "'")
                        .equals("1"));
        until(
                member.name + " has all",
                () -> leader.ask("select bool_and(replay_lsn = case when pg_is_in_recovery()"
                                + " then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end)"
                                + " from pg_stat_replication where application_name = '" + member.name + "'")
                        .equals("t"));
    }

    void lifecycle() throws Exception {
        Member one = member(
                "pg-1",
                "",
                "users:\n  app: {password: app-secret, options: [createdb]}\n" + "post_bootstrap: "
                        + script("post", "psql \"$1\" -c 'create table made_by_script()'"));
        SystemIdentifier system = bootstrap(one);
        same(one.ask("select system_identifier::text from pg_control_system()"), system.value(), "system");
        same(one.ask("show data_checksums"), "on", "checksums");
        same(one.ask("show server_encoding"), "UTF8", "encoding");
        same(one.ask("show max_connections"), "30", "bootstrap.dcs holds from the first start");
        same(
                one.ask("select string_agg(rolname, ' ' order by rolname) from pg_roles where rolname !~ '^pg_'"),
                "app postgres repl rewinder",
                "roles");
        same(
                one.ask("select bool_and(rolpassword like 'SCRAM-SHA-256$%')::text from pg_authid where rolcanlogin"),
                "true",
                "SCRAM");
        same(one.ask("select count(*) from pg_class where relname = 'made_by_script'"), "1", "post_bootstrap ran");
        check(!one.log().contains("secret"), "no password in the log");
        check(!Files.exists(Initializer.passwordFile(one.stateDir)), "no password of initdb is left");
        check(
                Files.readString(one.dataDir.resolve("postgresql.conf")).contains("include 'postgresql.base.conf'"),
                "two files");
        same(
                Files.getPosixFilePermissions(one.stateDir.resolve("pgpass")).size(),
                2,
                "password file for its owner only");
        reloads(one);
        slots(one);
        replicas(one, system);
    }

    private void reloads(Member one) throws Exception {
        String json =
                "{\"postgresql\":{\"parameters\":{\"work_mem\":\"7MB\",\"max_connections\":40}},\"slots\":{\"kept\":{\"type\":\"physical\"}}}";
        check(!one.control.settingsChanged(), "nothing changed yet");
        one.control.configure(json);
        check(one.control.settingsChanged(), "a change is seen");
        one.control.reload(Member.BOUND);
        until("the new setting holds", () -> one.ask("show work_mem").equals("7MB"));
        check(!one.control.settingsChanged(), "it was written");
        same(one.ask("show max_connections"), "30", "what needs a restart waits");
        same(Files.readString(one.dataDir.resolve("patroni.dynamic.json")), json, "cached configuration");
        var before = Files.getLastModifiedTime(one.dataDir.resolve("postgresql.conf"));
        one.control.reload(Member.BOUND);
        same(
                Files.getLastModifiedTime(one.dataDir.resolve("postgresql.conf")),
                before,
                "unchanged files are not rewritten");
        one.control.setSynchronousStandbyNames("ANY 1 (\"pg-2\",\"pg-3\")", Member.BOUND);
        same(one.ask("show synchronous_standby_names"), "ANY 1 (\"pg-2\",\"pg-3\")", "standby names");
        one.control.setSynchronousStandbyNames("", Member.BOUND);
        one.control.checkpoint();
        one.execute("alter system set synchronous_standby_names = 'x'");
        check(
                fails(
                                "an overridden setting",
                                () -> one.control.setSynchronousStandbyNames("y", java.time.Duration.ofSeconds(1)))
                        instanceof PostgresException,
                "told");
        one.execute("alter system reset synchronous_standby_names");
        one.control.setSynchronousStandbyNames("", Member.BOUND);
    }

    private void slots(Member one) throws Exception {
        one.execute("select pg_create_physical_replication_slot('foreign_one', true)");
        one.control.syncSlots(Set.of("pg_2", "pg_9"), Map.of(), Member.BOUND);
        same(
                one.ask(
                        "select string_agg(slot_name, ' ' order by slot_name) from pg_replication_slots where restart_lsn is not null"),
                "foreign_one kept pg_2 pg_9",
                "created with WAL reserved");
        one.execute("create table t as select g from generate_series(1, 1000) g");
        String now = one.ask("select pg_current_wal_flush_lsn()");
        one.control.syncSlots(Set.of("pg_2"), Map.of("pg_2", Lsn.parse(now)), Member.BOUND);
        same(
                one.ask("select string_agg(slot_name, ' ' order by slot_name) from pg_replication_slots"),
                "foreign_one kept pg_2",
                "ours dropped, foreign kept");
        same(one.ask("select restart_lsn::text from pg_replication_slots where slot_name = 'pg_2'"), now, "advanced");
    }

    private void replicas(Member one, SystemIdentifier system) throws Exception {
        Member two = member("pg-2", "", "");
        Exception refused = fails(
                "a foreign source", () -> two.control.cloneFrom(one.upstreamFor(two), Optional.of(FOREIGN), QUIET));
        check(
                refused.getMessage().contains("nothing was touched") && !Files.exists(two.dataDir),
                "nothing was touched");
        List<Long> seen = new ArrayList<>();
        two.control.cloneFrom(one.upstreamFor(two), Optional.of(system), (step, done, total) -> seen.add(done));
        check(seen.stream().anyMatch(done -> done > 1 << 20), "progress in bytes: " + seen);
        check(Files.exists(two.dataDir.resolve("standby.signal")), "a clone is a replica");
        two.run(two.control.prepareStartAsReplica(one.upstreamFor(two)));
        awaitStreaming(two, one);
        same(two.ask("show max_connections"), "40", "the member's own, or the larger of the primary's");
        one.control.syncSlots(Set.of("pg_3"), Map.of(), Member.BOUND);
        same(
                one.ask("select active::text from pg_replication_slots where slot_name = 'pg_2'"),
                "true",
                "in use: not dropped");
        Member three = member("pg-3", "", "");
        join(three, one, system);
        check(!three.control.follow(withoutSlot(two), Member.BOUND), "no restart");
        awaitStreaming(three, two);
        // Two and three were claimed by promotions that nobody here has heard of.
        two.control.promote(new Timeline(4), Member.BOUND);
        until("promoted", () -> two.ask("select pg_is_in_recovery()").equals("f"));
        two.control.promote(new Timeline(4), Member.BOUND);
        same(
                two.ask("select substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)"),
                "00000004",
                "claimed numbers are left out");
        one.stop();
        two.execute("insert into t values (4711)");
        until(
                "the replica follows across the promotion",
                () -> three.ask("select count(*) from t").equals("1001"));
    }

    private static io.matriarch.ha.model.Upstream withoutSlot(Member member) {
        return new io.matriarch.ha.model.Upstream(Optional.of(member.name), "127.0.0.1", member.port, Optional.empty());
    }

    void divergence() throws Exception {
        Member one = member("pg-1", "", "");
        SystemIdentifier system = bootstrap(one);
        one.execute("create table t (n int)");
        Member two = member("pg-2", "", "");
        join(two, one, system);
        two.control.promote(new Timeline(2), Member.BOUND);
        until("promoted", () -> two.ask("select pg_is_in_recovery()").equals("f"));
        Lsn parted = Lsn.parse(
                Files.readString(two.dataDir.resolve("pg_wal/00000002.history")).split("\t")[1]);
        one.execute("insert into t values (1)");
        one.execute("insert into t values (2)");
        one.execute("checkpoint");
        one.execute("insert into t values (3)");
        Lsn end = Lsn.parse(one.ask("select pg_current_wal_flush_lsn()"));
        two.execute("insert into t values (100)");
        one.crash();
        String saved = one.control.salvage(new Timeline(1), parted, end, QUIET);
        var summary = Json.tryParseObject(Files.readString(Path.of(saved).resolve("summary.json")))
                .orElseThrow();
        check(summary.number("committed").orElse(0L) >= 3, "three commits are listed: " + summary);
        same(one.control.salvage(new Timeline(1), parted, end, QUIET), saved, "saved once");
        check(
                fails("another system", () -> one.control.rewind(two.upstreamFor(one), FOREIGN, new Timeline(2), QUIET))
                        .getMessage()
                        .contains("nothing was touched"),
                "refused");
        one.control.rewind(two.upstreamFor(one), system, new Timeline(2), QUIET);
        two.control.syncSlots(Set.of("pg_1"), Map.of(), Member.BOUND);
        one.run(one.control.prepareStartAsReplica(two.upstreamFor(one)));
        awaitStreaming(one, two);
        same(one.ask("select string_agg(n::text, ' ') from t"), "100", "only what the leader has");
        one.stop();
        one.control.cloneFrom(two.upstreamFor(one), Optional.of(system), QUIET);
        var real = asides(one);
        check(real.size() == 1, "the old directory is kept");
        one.control.cloneFrom(two.upstreamFor(one), Optional.of(system), QUIET);
        one.control.cloneFrom(two.upstreamFor(one), Optional.of(system), QUIET);
        check(
                asides(one).size() == 2 && asides(one).containsAll(real),
                "of what was set aside the old directory stays, and the newest clone");
        one.run(one.control.prepareStartAsReplica(two.upstreamFor(one)));
        awaitStreaming(one, two);
        one.control.forgetSetAside();
        until("the old directory is gone", () -> asides(one).isEmpty());
    }

    private static List<Path> asides(Member member) throws Exception {
        return DataPlace.of(member.dataDir).all("aside");
    }

    void trouble() throws Exception {
        Member bad = member("bad", "", "post_bootstrap: /bin/false");
        check(
                fails("post_bootstrap", () -> bad.control.initialize(() -> true, QUIET))
                        .getMessage()
                        .contains("post_bootstrap"),
                "it says what failed");
        check(!Files.exists(bad.dataDir), "no directory that looks complete");
        check(DataPlace.of(bad.dataDir).all("failed").size() == 1, "the failed one is kept");
        Member late = member("late", "", "");
        check(
                fails("a lost claim", () -> late.control.initialize(() -> false, QUIET))
                        .getMessage()
                        .contains("claim"),
                "it says what failed");
        check(!Files.exists(late.dataDir), "nothing that could be published");
        Member one = member("pg-1", "", "");
        SystemIdentifier system = bootstrap(one);
        one.execute("create table t as select repeat('x', 1000) from generate_series(1, 30000)");
        Member two = member("pg-2", "basebackup: [{max-rate: 1M}]", "");
        Files.createDirectory(two.dataDir);
        Files.writeString(two.dataDir.resolve("precious"), "data");
        interrupted(two, one, system);
        same(Files.readString(two.dataDir.resolve("precious")), "data", "what was there is there");
        check(DataPlace.of(two.dataDir).all("incoming").isEmpty(), "no half copy is left");
        scripts(one, system);
        new UnfinishedRewind(one.stateDir).begin(one.dataDir);
        one.stop();
        check(
                fails("a half rewound directory", one.control::prepareStartAsPrimary)
                        .getMessage()
                        .contains("no complete"),
                "refused");
        check(!Files.exists(one.dataDir.resolve("global/pg_control")), "nothing takes it for a database cluster");
    }

    /** The first method fails and what was there comes back; the second one works. */
    private void scripts(Member one, SystemIdentifier system) throws Exception {
        Path works = script(
                "works",
                "for a; do case $a in --datadir=*) d=${a#*=};; --connstring=*) c=${a#*=};; esac; done\n"
                        + "rmdir $d && pg_basebackup -D $d -d $c -c fast");
        Path log = root.resolve("callbacks");
        Member three = member(
                "pg-3",
                "create_replica_methods: [broken, good]\nbroken: {command: /bin/false}\ngood: {command: " + works
                        + "}\ncallbacks: {on_start: " + script("callback", "echo \"$@\" >> " + log) + "}",
                "");
        Files.createDirectory(three.dataDir);
        Files.writeString(three.dataDir.resolve("precious"), "data");
        three.control.cloneFrom(one.upstreamFor(three), Optional.of(system), QUIET);
        same(Files.readString(asides(three).get(0).resolve("precious")), "data", "kept aside");
        one.control.syncSlots(Set.of("pg_3"), Map.of(), Member.BOUND);
        three.run(three.control.prepareStartAsReplica(one.upstreamFor(three)));
        awaitStreaming(three, one);
        three.control.seen(PostgresState.RUNNING, PostgresRole.REPLICA);
        until(
                "the callback ran",
                () -> Files.exists(log) && Files.readString(log).equals("on_start replica tests\n"));
    }

    private static void interrupted(Member member, Member leader, SystemIdentifier system) throws Exception {
        var copying = new CountDownLatch(1);
        var outcome = new AtomicReference<Optional<Exception>>(Optional.empty());
        Thread job = Thread.ofPlatform().start(() -> {
            try {
                member.control.cloneFrom(leader.upstreamFor(member), Optional.of(system), (step, done, total) -> {
                    if (done > 0) {
                        copying.countDown();
                    }
                });
            } catch (PostgresException | InterruptedException e) {
                outcome.set(Optional.of(e));
            }
        });
        check(copying.await(60, TimeUnit.SECONDS), "the copy began");
        job.interrupt();
        job.join(20_000);
        check(outcome.get().orElseThrow() instanceof InterruptedException, "ended by the interrupt: " + outcome.get());
        check(
                ProcessHandle.current()
                        .descendants()
                        .noneMatch(child -> child.info().command().orElse("").endsWith("pg_basebackup")),
                "no child is left");
    }

    private Path script(String name, String text) throws Exception {
        Path file = Files.writeString(
                root.resolve(name + ".sh"), "#!/bin/sh\nexport PATH=" + binDir + ":$PATH\n" + text + "\n");
        file.toFile().setExecutable(true);
        return file;
    }

    @Override
    public void close() throws Exception {
        for (Member member : members) {
            member.close();
        }
    }
}
