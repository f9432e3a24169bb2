package io.matriarch.ha.model;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * All that must be remembered between cycles; only the loop thread holds it.
 *
 * @param lastLeader who led when a leader was last seen
 * @param lastMembers the members of the last view that had a leader, with their api_url: who must be asked in an election
 * @param leaderlessSince since when no leader key is seen; empty while there is one
 * @param lastArrival while no leader key is seen: up to where this replica's WAL came, and since when nothing more did
 * @param handover the running planned hand-over
 * @param recoveringSince since when this leader tries to bring its PostgreSQL back in place
 * @param crashesInPlace how often it was started in place since it last ran quietly
 * @param lastFlush the last known flush position as primary, or the end of its WAL once found: where the search for the end begins
 * @param hungSince since when the local PostgreSQL does not answer
 * @param rejoinAttempts failed rewinds or clones since the last success; spaces the attempts
 * @param nextAttemptAt not before this time is failed slow work tried again
 * @param promotedAt when this member asked its PostgreSQL to promote
 * @param wasPrimary this member's PostgreSQL ran as primary when last seen running
 * @param fenceSilentSince since when the fence does not answer
 * @param salvageFrom where the newest salvage of diverged WAL began: another leader may have forked off earlier
 * @param salvaged that salvage is done
 * @param checkpointDue the first checkpoint on the new timeline is still to come
 * @param notStreamingSince replica: since when it does not stream from its leader
 * @param syncAppliedAt as leader: since when the wanted {@code synchronous_standby_names} are seen in force
 * @param syncBarrier as leader: a standby that has flushed up to here holds every commit made before the names were in force
 * @param slotSeen as leader: when the member of each slot was last seen
 * @param startedAt when this agent first looked; what its predecessor promised to others may hold for a ttl from then on
 * @param unjudged a replica runs on data that was last written as a primary and was not yet compared with a leader's
 */
public record HaMemory(
        Optional<MemberName> lastLeader,
        Map<MemberName, String> lastMembers,
        Optional<MonotonicTime> leaderlessSince,
        Optional<Arrival> lastArrival,
        Optional<Handover> handover,
        Optional<MonotonicTime> recoveringSince,
        int crashesInPlace,
        Optional<WalMark> lastFlush,
        Optional<MonotonicTime> hungSince,
        int rejoinAttempts,
        Optional<MonotonicTime> nextAttemptAt,
        Optional<MonotonicTime> promotedAt,
        boolean wasPrimary,
        Optional<MonotonicTime> fenceSilentSince,
        Optional<WalMark> salvageFrom,
        boolean salvaged,
        boolean checkpointDue,
        Optional<MonotonicTime> notStreamingSince,
        Optional<MonotonicTime> syncAppliedAt,
        Optional<Lsn> syncBarrier,
        Map<String, MonotonicTime> slotSeen,
        Optional<MonotonicTime> startedAt,
        boolean unjudged) {

    /** What an agent knows that has just started. */
    public static final HaMemory EMPTY = new HaMemory(
            Optional.empty(),
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            0,
            Optional.empty(),
            Optional.empty(),
            0,
            Optional.empty(),
            Optional.empty(),
            false,
            Optional.empty(),
            Optional.empty(),
            false,
            false,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            Optional.empty(),
            false);

    public HaMemory {
        lastMembers = Collections.unmodifiableMap(new TreeMap<>(lastMembers));
        slotSeen = Collections.unmodifiableMap(new TreeMap<>(slotSeen));
    }

    /** A copy with some parts changed. */
    public HaMemory with(Consumer<Draft> change) {
        var draft = new Draft(this);
        change.accept(draft);
        return draft.toMemory();
    }

    /** A position on a timeline. */
    public record WalMark(Timeline timeline, Lsn lsn) {}

    /** The end of what a replica has received, and since when it stands there. */
    public record Arrival(Lsn lsn, MonotonicTime at) {}

    /**
     * A hand-over that this leader carries out.
     *
     * @param candidate who shall take over
     * @param startedAt when this phase began
     * @param phase how far it is
     */
    public record Handover(MemberName candidate, MonotonicTime startedAt, Phase phase) {
        /** In order. */
        public enum Phase {
            CHECKPOINT,
            STOPPING
        }
    }

    /** The changeable form, alive only inside {@link #with}. */
    public static final class Draft {
        public Optional<MemberName> lastLeader;
        public Map<MemberName, String> lastMembers;
        public Optional<MonotonicTime> leaderlessSince;
        public Optional<Arrival> lastArrival;
        public Optional<Handover> handover;
        public Optional<MonotonicTime> recoveringSince;
        public int crashesInPlace;
        public Optional<WalMark> lastFlush;
        public Optional<MonotonicTime> hungSince;
        public int rejoinAttempts;
        public Optional<MonotonicTime> nextAttemptAt;
        public Optional<MonotonicTime> promotedAt;
        public boolean wasPrimary;
        public Optional<MonotonicTime> fenceSilentSince;
        public Optional<WalMark> salvageFrom;
        public boolean salvaged;
        public boolean checkpointDue;
        public Optional<MonotonicTime> notStreamingSince;
        public Optional<MonotonicTime> syncAppliedAt;
        public Optional<Lsn> syncBarrier;
        public Map<String, MonotonicTime> slotSeen;
        public Optional<MonotonicTime> startedAt;
        public boolean unjudged;

        private Draft(HaMemory m) {
            lastLeader = m.lastLeader;
            lastMembers = m.lastMembers;
            leaderlessSince = m.leaderlessSince;
            lastArrival = m.lastArrival;
            handover = m.handover;
            recoveringSince = m.recoveringSince;
            crashesInPlace = m.crashesInPlace;
            lastFlush = m.lastFlush;
            hungSince = m.hungSince;
            rejoinAttempts = m.rejoinAttempts;
            nextAttemptAt = m.nextAttemptAt;
            promotedAt = m.promotedAt;
            wasPrimary = m.wasPrimary;
            fenceSilentSince = m.fenceSilentSince;
            salvageFrom = m.salvageFrom;
            salvaged = m.salvaged;
            checkpointDue = m.checkpointDue;
            notStreamingSince = m.notStreamingSince;
            syncAppliedAt = m.syncAppliedAt;
            syncBarrier = m.syncBarrier;
            slotSeen = m.slotSeen;
            startedAt = m.startedAt;
            unjudged = m.unjudged;
        }

        private HaMemory toMemory() {
            return new HaMemory(
                    lastLeader,
                    lastMembers,
                    leaderlessSince,
                    lastArrival,
                    handover,
                    recoveringSince,
                    crashesInPlace,
                    lastFlush,
                    hungSince,
                    rejoinAttempts,
                    nextAttemptAt,
                    promotedAt,
                    wasPrimary,
                    fenceSilentSince,
                    salvageFrom,
                    salvaged,
                    checkpointDue,
                    notStreamingSince,
                    syncAppliedAt,
                    syncBarrier,
                    slotSeen,
                    startedAt,
                    unjudged);
        }
    }
}
