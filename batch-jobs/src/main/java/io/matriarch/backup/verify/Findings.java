package io.matriarch.backup.verify;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What one verification has found so far. */
final class Findings {
    Level reached = Level.COPIED;
    /** In which the fault is, if it is not in the backup itself. */
    Optional<String> parent = Optional.empty();

    Duration restore = Duration.ZERO;
    /** That it was replayed to. */
    Optional<Instant> moment = Optional.empty();

    Optional<String> complaint = Optional.empty();
    /** Whether there was one at that moment. */
    boolean heartbeat;

    final Map<String, Long> rows = new LinkedHashMap<>();
    final Map<String, String> objects = new LinkedHashMap<>();
    final List<String> skipped = new ArrayList<>();
    /** The users' assertions that do not hold. */
    final List<String> failing = new ArrayList<>();

    final List<String> losses = new ArrayList<>();

    /** The first word stands: what follows from it says less. */
    void complain(String why) {
        complaint = complaint.or(() -> Optional.of(why));
    }

    Verdict verdict(Optional<String> fault, Duration whole) {
        return new Verdict(reached, fault, parent, restore, whole, rows, objects, skipped, losses, moment, complaint);
    }
}
