package io.matriarch.ha.simulation;

import static io.matriarch.ha.simulation.EventScheduler.MILLI;
import static io.matriarch.ha.simulation.EventScheduler.SECOND;

import io.matriarch.ha.model.FailoverRequest;
import io.matriarch.ha.model.LocalRequest;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.Revision;
import io.matriarch.ha.model.SynchronousMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * A scripted history: commands, one a line, and what came of them from {@code record} on. Numbers that any change of a latency would
 * move are masked.
 */
final class Scenario {
    private static final String TRANSCRIPT = "---";
    private static final long LIMIT = 60 * SECOND;

    private final List<String> script = new ArrayList<>();
    private final List<String> expected = new ArrayList<>();
    private int recordFrom;
    private boolean recording;

    private Scenario() {}

    static Scenario parse(List<String> lines) {
        var scenario = new Scenario();
        int at = lines.indexOf(TRANSCRIPT);
        scenario.script.addAll(at < 0 ? lines : lines.subList(0, at));
        if (at >= 0) {
            scenario.expected.addAll(lines.subList(at + 1, lines.size()));
        }
        return scenario;
    }

    List<String> expected() {
        return expected;
    }

    /** The whole file as it should be. */
    List<String> written(List<String> transcript) {
        var all = new ArrayList<>(script);
        all.add(TRANSCRIPT);
        all.addAll(transcript);
        return all;
    }

    List<String> play(Coverage coverage) {
        var setup = setup();
        try (var world = new SimWorld(setup, coverage, 100_000)) {
            var faults = new Faults(world, new SplittableRandom(1), Faults.Profile.CALM);
            for (String line : script) {
                var words = line.strip().split("\\s+");
                if (!line.isBlank() && !line.startsWith("#") && !words[0].equals("cluster")) {
                    try {
                        command(world, faults, words);
                    } catch (InvariantViolation e) {
                        throw new InvariantViolation("at '" + line + "': " + e.getMessage() + "\n"
                                + String.join("\n", world.trace().lines()));
                    }
                }
            }
            var lines = world.trace().lines();
            return recording ? mask(lines.subList(recordFrom, lines.size())) : List.of();
        }
    }

    /** {@code cluster members=3 sync=priority strict failsafe=off rewind=off clone=off start-timeout=3s} */
    private Setup setup() {
        var words = script.stream()
                .filter(l -> l.startsWith("cluster"))
                .findFirst()
                .map(l -> Arrays.asList(l.split("\\s+")))
                .orElse(List.of());
        var mode = words.contains("sync=priority")
                ? SynchronousMode.PRIORITY
                : words.contains("sync=quorum") ? SynchronousMode.QUORUM : SynchronousMode.OFF;
        var config = Setup.config(
                Duration.ofSeconds(5),
                Duration.ofSeconds(1),
                Duration.ofSeconds(2),
                mode,
                words.contains("strict"),
                !words.contains("failsafe=off"),
                !words.contains("rewind=off"));
        if (words.contains("clone=off")) {
            config = Setup.withRejoin(config, config.usePgRewind(), false);
        }
        if (words.contains("start-timeout=3s")) {
            config = Setup.withStartTimeout(config, Duration.ofSeconds(3));
        }
        int members = words.stream()
                .filter(w -> w.startsWith("members="))
                .map(w -> Integer.parseInt(w.substring(8)))
                .findFirst()
                .orElse(3);
        return new Setup(7, members, config, 0.0005, 4096);
    }

    private void command(SimWorld world, Faults faults, String[] w) {
        switch (w[0]) {
            case "start" -> world.startAgents();
            case "run" -> world.runFor(millis(w[1]) * MILLI);
            case "await" -> await(world, w);
            case "record" -> {
                recording = true;
                recordFrom = world.trace().lines().size();
            }
            case "kill-postmaster" -> host(world, w[1]).postgres().killPostmaster();
            case "freeze-postgres" -> host(world, w[1]).postgres().freeze(SimPostgres.Freeze.EVERYTHING);
            case "kill-agent" -> host(world, w[1]).crashAgent();
            case "start-agent" -> host(world, w[1]).startAgent();
            case "stop-agent" -> host(world, w[1]).agent().orElseThrow().request(LocalRequest.SHUT_DOWN);
            case "stall-agent" ->
                host(world, w[1])
                        .agent()
                        .orElseThrow()
                        .stallUntil(world.scheduler().now() + millis(w[2]) * MILLI);
            case "kill-fence" -> host(world, w[1]).fence().kill();
            case "freeze-fence" -> host(world, w[1]).fence().freeze();
            case "power-loss" -> host(world, w[1]).powerLoss();
            case "power-on" -> {
                host(world, w[1]).powerOn();
                host(world, w[1]).startAgent();
            }
            case "etcd" -> {
                if (w[1].equals("down")) {
                    world.etcd().loseQuorum();
                } else {
                    world.etcd().electLeader();
                }
            }
            case "cut" -> world.network().cutBothWays(host(world, w[1]).hostName(), name(world, w[2]));
            case "isolate" -> isolate(world, host(world, w[1]));
            case "wal-full" -> host(world, w[1]).postgres().disk().walFull = true;
            case "wal-free" -> host(world, w[1]).postgres().disk().walFull = false;
            case "slow-checkpoint" -> host(world, w[1]).postgres().disk().checkpointTakes = millis(w[2]) * MILLI;
            case "lose-control" -> host(world, w[1]).fence().loseControl();
            case "max-slots" -> host(world, w[1]).postgres().disk().maxSlots = Integer.parseInt(w[2]);
            case "lag" -> host(world, w[1]).lag(millis(w[2]) * MILLI);
            case "switchover" ->
                switchover(world, w.length > 1 ? Optional.of(host(world, w[1]).name()) : Optional.empty());
            case "schedule-switchover" ->
                rare(world).scheduleSwitchover(world.etcd().leaderName().orElseThrow(), millis(w[1]) / 1000);
            case "change-settings" -> rare(world).changeSettings();
            case "refuse-sessions" -> host(world, w[1]).postgres().refuseAgent(true);
            case "accept-sessions" -> host(world, w[1]).postgres().refuseAgent(false);
            case "slow-start" -> host(world, w[1]).slowStart(true);
            case "start-by-hand" ->
                world.require(host(world, w[1]).postgres().startByHand(), () -> "nothing to start by hand");
            case "unreadable" -> host(world, w[1]).postgres().disk().unreadable = true;
            case "lose-lease" -> world.etcd().revokeLeaseOf(host(world, w[1]).name());
            case "fail-initdb" -> world.failInitdb(1);
            case "heal" -> faults.heal();
            default -> throw new IllegalArgumentException("no such command: " + w[0]);
        }
    }

    private static RareFaults rare(SimWorld world) {
        return new RareFaults(world, new SplittableRandom(1), Faults.Profile.CALM);
    }

    private static void await(SimWorld world, String[] w) {
        var before = world.writablePrimary();
        boolean came = switch (w[1]) {
            case "streaming" -> world.runUntilTrue(world::allStreaming, LIMIT);
            case "primary" -> world.runUntilTrue(() -> world.writablePrimary().isPresent(), LIMIT);
            case "no-leader" ->
                world.runUntilTrue(() -> world.etcd().leaderName().isEmpty(), LIMIT);
            case "down" -> world.runUntilTrue(() -> host(world, w[2]).postgres().isDown(), LIMIT);
            case "no-primary" ->
                world.runUntilTrue(
                        () -> world.hosts().stream()
                                .noneMatch(h -> world.invariants().acknowledges(h)),
                        LIMIT);
            case "other-primary" ->
                world.runUntilTrue(
                        () -> world.writablePrimary().isPresent()
                                && !world.writablePrimary().equals(before),
                        LIMIT);
            default -> throw new IllegalArgumentException("cannot await " + w[1]);
        };
        world.require(came, () -> "awaited in vain: " + w[1]);
    }

    private static void isolate(SimWorld world, SimHost host) {
        world.hosts().stream()
                .filter(h -> h != host)
                .forEach(h -> world.network().cutBothWays(host.hostName(), h.hostName()));
        world.network().cutBothWays(host.hostName(), SimNetwork.ETCD);
    }

    private static void switchover(SimWorld world, Optional<MemberName> to) {
        var request = new FailoverRequest(world.etcd().leaderName(), to, Optional.empty(), false, new Revision(0));
        world.etcd().writeFailover(Optional.of(request), Optional.empty());
    }

    private static SimHost host(SimWorld world, String word) {
        if (word.equals("primary")) {
            return world.writablePrimary().orElseThrow();
        }
        if (word.equals("replica")) {
            var primary = world.writablePrimary();
            return world.hosts().stream()
                    .filter(h -> !Optional.of(h).equals(primary))
                    .findFirst()
                    .orElseThrow();
        }
        return world.host(word);
    }

    private static String name(SimWorld world, String word) {
        return word.equals(SimNetwork.ETCD) ? word : host(world, word).hostName();
    }

    private static long millis(String text) {
        return text.endsWith("ms")
                ? Long.parseLong(text.substring(0, text.length() - 2))
                : Long.parseLong(text.substring(0, text.length() - 1)) * 1000;
    }

    private static List<String> mask(List<String> lines) {
        return lines.stream()
                .map(l -> l.substring(9))
                .map(l -> l.replaceAll("[0-9A-F]+/[0-9A-F]{8}", "LSN")
                        .replaceAll("@[0-9a-f]+", "@LSN")
                        .replaceAll("\\d+ ms", "N ms")
                        .replaceAll("\\d+ (acknowledged )?bytes", "N $1bytes")
                        .stripTrailing())
                .toList();
    }
}
