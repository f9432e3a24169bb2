package io.matriarch.ha.model;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * All that must be remembered between cycles; only the loop thread holds it.
 *
 * @param lastLeader who led when a leader was last seen
 * @param lastMembers the members of the last view that had a leader, with their api_url: who must be asked in an election
 * @param leaderlessSince since when no leader key is seen; empty while there is one
 * @param bootstrapping this member won the initialize race and has not finished
 * @param handover the running planned or crash hand-over
 * @param recoveringSince since when this leader tries to bring its PostgreSQL back in place
 * @param crashesInPlace how often it came back in place since it last ran quietly
 * @param lastFlush the last known flush position as primary: where the search for the end of WAL begins
 * @param hungSince since when the local PostgreSQL does not answer
 * @param rejoinAttempts failed rewinds or clones since the last success; spaces the attempts
 * @param nextAttemptAt not before this time is the failed work tried again
 * @param promotedAt when this member last promoted
 * @param wasPrimary this member's PostgreSQL ran as primary when last seen running
 * @param fenceSeenSilentSince since when the fence does not answer
 * @param salvaged the diverged WAL of the pending rejoin is saved
 * @param checkpointDone the first checkpoint on the new timeline is through
 */
public record HaMemory(
        Optional<MemberName> lastLeader,
        Map<MemberName, String> lastMembers,
        Optional<MonotonicTime> leaderlessSince,
        boolean bootstrapping,
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
        boolean salvaged,
        boolean checkpointDone) {

    public HaMemory {
        lastMembers = java.util.Collections.unmodifiableMap(new TreeMap<>(lastMembers));
    }

    /** What an agent knows that has just started. */
    public static final HaMemory EMPTY = new HaMemory(
            Optional.empty(),
            Map.of(),
            Optional.empty(),
            false,
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
            false,
            true);

    /** A position on a timeline. */
    public record WalMark(Timeline timeline, Lsn lsn) {}

    /**
     * A hand-over that this leader carries out.
     *
     * @param candidate who was chosen; empty when the agent stops and nobody can take over
     * @param startedAt when
     * @param phase how far it is
     */
    public record Handover(Optional<MemberName> candidate, MonotonicTime startedAt, Phase phase) {
        public enum Phase {
            CHECKPOINT,
            STOPPING,
            RELEASED
        }
    }

    public HaMemory withLastLeader(MemberName leader, Map<MemberName, String> members) {
        return new HaMemory(Optional.of(leader), members, Optional.empty(), bootstrapping, handover, recoveringSince,
                crashesInPlace, lastFlush, hungSince, rejoinAttempts, nextAttemptAt, promotedAt, wasPrimary,
                fenceSilentSince, salvaged, checkpointDone);
    }

    public HaMemory withLeaderlessSince(Optional<MonotonicTime> since) {
        return new HaMemory(lastLeader, lastMembers, since, bootstrapping, handover, recoveringSince, crashesInPlace,
                lastFlush, hungSince, rejoinAttempts, nextAttemptAt, promotedAt, wasPrimary, fenceSilentSince,
                salvaged, checkpointDone);
    }

    public HaMemory withBootstrapping(boolean now) {
        return new HaMemory(lastLeader, lastMembers, leaderlessSince, now, handover, recoveringSince, crashesInPlace,
                lastFlush, hungSince, rejoinAttempts, nextAttemptAt, promotedAt, wasPrimary, fenceSilentSince,
                salvaged, checkpointDone);
    }

    public HaMemory withHandover(Optional<Handover> now) {
        return new HaMemory(lastLeader, lastMembers, leaderlessSince, bootstrapping, now, recoveringSince,
                crashesInPlace, lastFlush, hungSince, rejoinAttempts, nextAttemptAt, promotedAt, wasPrimary,
                fenceSilentSince, salvaged, checkpointDone);
    }

    public HaMemory withRecoveringSince(Optional<MonotonicTime> since) {
        return new HaMemory(lastLeader, lastMembers, leaderlessSince, bootstrapping, handover, since, crashesInPlace,
                lastFlush, hungSince, rejoinAttempts, nextAttemptAt, promotedAt, wasPrimary, fenceSilentSince,
                salvaged, checkpointDone);
    }

    public HaMemory withCrashesInPlace(int crashes) {
        return new HaMemory(lastLeader, lastMembers, leaderlessSince, bootstrapping, handover, recoveringSince,
                crashes, lastFlush, hungSince, rejoinAttempts, nextAttemptAt, promotedAt, wasPrimary,
                fenceSilentSince, salvaged, checkpointDone);
    }

    public HaMemory withLastFlush(Optional<WalMark> flush) {
        return new HaMemory(lastLeader, lastMembers, leaderlessSince, bootstrapping, handover, recoveringSince,
                crashesInPlace, flush, hungSince, rejoinAttempts, nextAttemptAt, promotedAt, wasPrimary,
                fenceSilentSince, salvaged, checkpointDone);
    }

    public HaMemory withHungSince(Optional<MonotonicTime> since) {
        return new HaMemory(lastLeader, lastMembers, leaderlessSince, bootstrapping, handover, recoveringSince,
                crashesInPlace, lastFlush, since, rejoinAttempts, nextAttemptAt, promotedAt, wasPrimary,
                fenceSilentSince, salvaged, checkpointDone);
    }

    public HaMemory withRejoin(int attempts, Optional<MonotonicTime> nextAttempt, boolean walSalvaged) {
        return new HaMemory(lastLeader, lastMembers, leaderlessSince, bootstrapping, handover, recoveringSince,
                crashesInPlace, lastFlush, hungSince, attempts, nextAttempt, promotedAt, wasPrimary,
                fenceSilentSince, walSalvaged, checkpointDone);
    }

    public HaMemory withPromotedAt(Optional<MonotonicTime> at) {
        return new HaMemory(lastLeader, lastMembers, leaderlessSince, bootstrapping, handover, recoveringSince,
                crashesInPlace, lastFlush, hungSince, rejoinAttempts, nextAttemptAt, at, wasPrimary,
                fenceSilentSince, salvaged, checkpointDone);
    }

    public HaMemory withWasPrimary(boolean now) {
        return new HaMemory(lastLeader, lastMembers, leaderlessSince, bootstrapping, handover, recoveringSince,
                crashesInPlace, lastFlush, hungSince, rejoinAttempts, nextAttemptAt, promotedAt, now,
                fenceSilentSince, salvaged, checkpointDone);
    }

    public HaMemory withFenceSilentSince(Optional<MonotonicTime> since) {
        return new HaMemory(lastLeader, lastMembers, leaderlessSince, bootstrapping, handover, recoveringSince,
                crashesInPlace, lastFlush, hungSince, rejoinAttempts, nextAttemptAt, promotedAt, wasPrimary, since,
                salvaged, checkpointDone);
    }

    public HaMemory withCheckpointDone(boolean done) {
        return new HaMemory(lastLeader, lastMembers, leaderlessSince, bootstrapping, handover, recoveringSince,
                crashesInPlace, lastFlush, hungSince, rejoinAttempts, nextAttemptAt, promotedAt, wasPrimary,
                fenceSilentSince, salvaged, done);
    }
}
