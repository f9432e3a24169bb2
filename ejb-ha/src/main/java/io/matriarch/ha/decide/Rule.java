package io.matriarch.ha.decide;

/** Every rule that a decision can follow: what it does, and the loss that it prevents. */
public enum Rule {
    KEEP_LEADING("lead on: keep the lease, slots, status and history", "a healthy primary restarted for nothing"),
    KEEP_FOLLOWING("follow on", "a healthy replica disturbed for nothing"),
    WAIT_FOR_JOB("wait for the running job, keeping the lease if we hold it", "half copied data or a lost lease"),
    BOOTSTRAP_CLAIM("claim the right to create the cluster", "two clusters of one name"),
    BOOTSTRAP_CREATE("create the database cluster that we claimed", "a cluster that never begins"),
    BOOTSTRAP_PUBLISH("publish the new cluster and take its leader key", "a cluster that nobody can join"),
    BOOTSTRAP_GIVE_BACK("give the claim back after a failed creation", "a cluster that waits for ever"),
    WAIT_FOR_BOOTSTRAP("wait until somebody has created the cluster", "two clusters of one name"),
    CLONE_FROM_LEADER("copy the data from the leader", "a member without data"),
    WAIT_FOR_CLONE_SOURCE("wait for a leader to copy from", "a copy of nothing"),
    WRONG_SYSTEM("stop: this data belongs to another cluster", "two histories mixed"),
    DATA_UNREADABLE("touch nothing: the data directory cannot be read", "data destroyed because a mount was missing"),
    ADOPT_POSTGRES("put a PostgreSQL that runs outside of the fence under it", "a primary that nothing can fence"),
    START_AS_REPLICA("start PostgreSQL as a replica", "a member that does not serve"),
    START_AS_PRIMARY("start PostgreSQL as the primary: the leader key is ours", "a cluster without a primary"),
    RESTART_IN_PLACE("bring the crashed primary back where it is", "acknowledged commits that no replica has"),
    CRASH_HANDOVER("hand over to a replica that holds all of the crashed primary's WAL", "seconds of crash recovery"),
    HANDOVER_AFTER_START_TIMEOUT(
            "give up recovering in place and hand over", "a cluster that waits for one broken host"),
    WAL_DISK_FULL("stay down: there is no room for WAL", "the same full disk on one member after the other"),
    WAIT_FOR_START("wait for PostgreSQL to accept connections", "a starting server killed again and again"),
    HUNG_POSTGRES("fence a PostgreSQL that does not answer and hand over", "writes that hang for ever"),
    FENCE_SILENT("stop PostgreSQL: its fence does not answer", "a primary that nothing can fence"),
    REJOIN_AFTER_FENCE("take over after the fence has acted", "a member that stays down after a fencing"),
    PROMOTE("promote: the leader key is ours", "a cluster without a primary"),
    WAIT_FOR_PROMOTION("wait for the promotion to finish", "a promotion judged before it could end"),
    RETAKE_LEADERSHIP("take the leader key: our PostgreSQL is the primary and nobody else's is", "a needless failover"),
    RACE("try for the leader key: nobody who answered is better", "a cluster without a primary"),
    ABSTAIN("do not try for the leader key", "the better candidate beaten to it"),
    WAIT_FOR_BETTER_CANDIDATE(
            "wait a bounded time for a member that may hold more", "commits that only the absent member has"),
    WAIT_FOR_NAMED_CANDIDATE("leave the leader key to the named candidate", "a switchover to the wrong member"),
    DEMOTE_FOREIGN_LEADER("stop at once: somebody else holds the leader key", "two primaries"),
    LEADERSHIP_LOST("stop at once: our lease is over", "two primaries"),
    FOLLOW_LEADER("point the replica to the leader", "a replica that follows nobody"),
    REJOIN_WAIT("wait for evidence about the leader's history", "data rewound or wiped on a guess"),
    SALVAGE("save and list the WAL that the new leader does not have", "diverged commits that nobody can look at"),
    REWIND("rewind onto the leader's history", "a diverged member that never streams"),
    RECLONE("copy the leader anew, keeping the old data aside", "a member that stays behind for ever"),
    REFUSE_REJOIN("stay aside: neither rewind nor clone is allowed", "data destroyed against the operator's will"),
    SWITCHOVER_CHECKPOINT("checkpoint before the planned hand-over", "a long write gap"),
    SWITCHOVER_STOP("stop the primary cleanly for the hand-over", "commits that the candidate does not have"),
    SWITCHOVER_RELEASE(
            "release the leader key to the candidate that has everything", "commits lost in a planned hand-over"),
    SWITCHOVER_ABORT(
            "come back as primary: no candidate received the last record",
            "a planned hand-over that ends without primary"),
    SWITCHOVER_REFUSE("drop a fail-over request that cannot be met", "a hand-over to nobody"),
    SWITCHOVER_WAIT("wait for the scheduled time", "a hand-over before its time"),
    SHUTDOWN_HANDOVER("hand over before this agent stops", "a write gap of a whole lease"),
    SHUTDOWN_STOP("stop PostgreSQL because the agent was asked to stop", "an unguarded PostgreSQL left behind"),
    SHUTDOWN_EXIT("everything is handed over: exit", "a member key that lies"),
    FAILSAFE_HOLD("lead on without the DCS: every member confirms", "writes refused because etcd is down"),
    DCS_LOST_WAIT("the DCS cannot be read: try again, the lease still holds", "a primary stopped for a hiccup"),
    DCS_LOST_DEMOTE("stop: the DCS is lost and not every member confirms", "two primaries"),
    DCS_LOST_REPLICA("go on as a replica without the DCS", "reads refused because etcd is down"),
    PAUSED("paused: keep the lease, change nothing", "an operator's work undone"),
    RESTART_REQUESTED("stop PostgreSQL and start it again", "a setting that never takes effect"),
    REINITIALIZE_REQUESTED(
            "copy the leader anew as asked, keeping the old data aside", "a broken member that stays broken"),
    SYNC_REPLICATION(
            "take the next safe step of synchronous replication", "a commit acknowledged without the promised copies"),
    APPLY_SETTINGS("write and reload changed settings", "settings that never take effect"),
    UNKNOWN_STATE("change nothing: what PostgreSQL does cannot be found out", "a healthy server stopped on a guess");

    private final String sentence;
    private final String loss;

    Rule(String sentence, String loss) {
        this.sentence = sentence;
        this.loss = loss;
    }

    /** What the rule does, in one sentence. */
    public String sentence() {
        return sentence;
    }

    /** The loss that it prevents. */
    public String loss() {
        return loss;
    }
}
