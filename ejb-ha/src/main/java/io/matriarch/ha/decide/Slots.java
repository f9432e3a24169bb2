package io.matriarch.ha.decide;

import io.matriarch.ha.model.Lsn;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MemberView;
import io.matriarch.ha.model.MonotonicTime;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Which physical slots a leader keeps: one for each member that streams from it, and for some time for members that are away. */
final class Slots {
    private Slots() {}

    static Set<String> wanted(Cycle c) {
        var wanted = new TreeSet<>(present(c));
        seen(c).forEach((slot, at) -> {
            if (c.now().since(at).compareTo(c.config().memberSlotsTtl()) < 0) {
                wanted.add(slot);
            }
        });
        wanted.remove(c.self().slotName());
        return wanted;
    }

    /** When the member of each slot was last seen; a new leader starts the clocks of the slots that it inherits in {@code status}. */
    static Map<String, MonotonicTime> seen(Cycle c) {
        var seen = new TreeMap<>(c.memory().slotSeen());
        c.cluster().status().retainSlots().forEach(slot -> seen.putIfAbsent(slot, c.now()));
        c.memory().lastMembers().keySet().stream()
                .map(MemberName::slotName)
                .forEach(slot -> seen.putIfAbsent(slot, c.now()));
        present(c).forEach(slot -> seen.put(slot, c.now()));
        seen.remove(c.self().slotName());
        seen.values().removeIf(at -> c.now().since(at).compareTo(c.config().memberSlotsTtl()) >= 0);
        return seen;
    }

    /** A replica that led before still has the members' slots: nobody streams from it, and they would keep its WAL for ever. */
    static boolean hasLeftOver(Cycle c) {
        return c.cluster().members().keySet().stream()
                .map(MemberName::slotName)
                .anyMatch(c.node().slots()::containsKey);
    }

    static List<String> retained(Cycle c, Set<String> wanted) {
        var present = present(c);
        return wanted.stream().filter(slot -> !present.contains(slot)).toList();
    }

    /** Slots of members that were ours to keep and are no longer wanted. */
    static boolean hasSurplus(Cycle c, Set<String> wanted) {
        return c.memory().slotSeen().keySet().stream()
                .anyMatch(slot -> !wanted.contains(slot) && c.node().slots().containsKey(slot));
    }

    static Map<String, Lsn> advance(Cycle c) {
        var positions = new TreeMap<String, Lsn>();
        c.cluster()
                .members()
                .forEach((name, m) -> m.report()
                        .replayLsn()
                        .filter(lsn -> !name.equals(c.self()))
                        .ifPresent(lsn -> positions.put(name.slotName(), lsn)));
        return positions;
    }

    private static Set<String> present(Cycle c) {
        var slots = new TreeSet<String>();
        c.cluster().members().forEach((name, m) -> {
            if (!name.equals(c.self()) && !m.report().tags().nostream() && streamsFromUs(c, m)) {
                slots.add(name.slotName());
            }
        });
        return slots;
    }

    private static boolean streamsFromUs(Cycle c, MemberView member) {
        var source = member.report().tags().replicatefrom();
        return source.isEmpty()
                || source.get().equals(c.self())
                || c.cluster().member(source.get()).isEmpty();
    }
}
