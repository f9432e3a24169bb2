package io.matriarch.ha.loop;

import io.matriarch.ha.decide.Decision;
import io.matriarch.ha.decide.Rule;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.Outcome;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Tells a DBA what changed: once per change, never each cycle. */
final class Narrator {
    private static final Logger LOG = Logger.getLogger("io.matriarch");

    private final MemberName self;
    private Optional<Rule> lastRule = Optional.empty();
    private Optional<String> lastFailure = Optional.empty();

    Narrator(MemberName self) {
        this.self = self;
    }

    void tell(Observation seen, Decision decision, List<Outcome> outcomes) {
        var failure = outcomes.stream()
                .filter(o -> o instanceof Outcome.Failed)
                .map(o -> ((Outcome.Failed) o).why())
                .findFirst();
        if (failure.isPresent() && !failure.equals(lastFailure)) {
            LOG.errorf("[action-failed] %s: %s failed: %s", self, decision.rule(), failure.get());
        }
        lastFailure = failure;
        if (lastRule.filter(r -> r == decision.rule()).isPresent()) {
            return;
        }
        lastRule = Optional.of(decision.rule());
        var text = self + ": " + sentence(decision.rule().sentence(), decision.because()) + where(seen);
        switch (weight(decision.rule())) {
            case ERROR -> LOG.errorf("[%s] %s", id(decision.rule()), text);
            case WARN -> LOG.warnf("[%s] %s", id(decision.rule()), text);
            case INFO -> LOG.infof("[%s] %s", id(decision.rule()), text);
            default -> LOG.debugf("[%s] %s", id(decision.rule()), text);
        }
    }

    /** What is done, and why: two clauses of one sentence, in which nothing stands twice. */
    static String sentence(String what, String because) {
        int colon = what.indexOf(": ");
        if (what.contains(because)) {
            return what;
        }
        if (colon < 0) {
            return what + ": " + because;
        }
        String reason = what.substring(colon + 2);
        if (because.startsWith(reason)) {
            return what.substring(0, colon + 2) + because;
        }
        return what + "; " + because;
    }

    private static String where(Observation seen) {
        return seen.node()
                .wal()
                .map(w -> " (timeline " + w.timeline() + ", LSN " + w.written() + ")")
                .orElse("");
    }

    private static String id(Rule rule) {
        return rule.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    /** ERROR: a person must act. WARN: the cluster is weaker. INFO: a role, rule or setting changed. DEBUG: passing states. */
    private static Logger.Level weight(Rule rule) {
        return switch (rule) {
            case WRONG_SYSTEM, DATA_UNREADABLE, WAL_DISK_FULL, REFUSE_REJOIN -> Logger.Level.ERROR;
            case LEADERSHIP_LOST,
                    DEMOTE_FOREIGN_LEADER,
                    FENCE_SILENT,
                    HUNG_POSTGRES,
                    RESTART_IN_PLACE,
                    CRASH_HANDOVER,
                    HANDOVER_AFTER_START_TIMEOUT,
                    FAILSAFE_HOLD,
                    DCS_LOST_DEMOTE,
                    SWITCHOVER_ABORT,
                    SWITCHOVER_REFUSE,
                    BOOTSTRAP_GIVE_BACK,
                    SALVAGE,
                    REWIND,
                    RECLONE -> Logger.Level.WARN;
            case KEEP_LEADING,
                    KEEP_FOLLOWING,
                    BOOTSTRAP_CLAIM,
                    BOOTSTRAP_CREATE,
                    BOOTSTRAP_PUBLISH,
                    CLONE_FROM_LEADER,
                    ADOPT_POSTGRES,
                    START_AS_REPLICA,
                    START_AS_PRIMARY,
                    REJOIN_AFTER_FENCE,
                    PROMOTE,
                    RETAKE_LEADERSHIP,
                    RACE,
                    FOLLOW_LEADER,
                    SWITCHOVER_CHECKPOINT,
                    SWITCHOVER_STOP,
                    SWITCHOVER_RELEASE,
                    SWITCHOVER_WAIT,
                    SHUTDOWN_HANDOVER,
                    SHUTDOWN_STOP,
                    SHUTDOWN_EXIT,
                    DCS_LOST_WAIT,
                    DCS_LOST_REPLICA,
                    PAUSED,
                    RESTART_REQUESTED,
                    REINITIALIZE_REQUESTED,
                    SYNC_REPLICATION,
                    APPLY_SETTINGS,
                    WAIT_FOR_BETTER_CANDIDATE -> Logger.Level.INFO;
            case WAIT_FOR_JOB,
                    WAIT_FOR_BOOTSTRAP,
                    WAIT_FOR_CLONE_SOURCE,
                    WAIT_FOR_START,
                    WAIT_FOR_PROMOTION,
                    ABSTAIN,
                    WAIT_FOR_NAMED_CANDIDATE,
                    REJOIN_WAIT,
                    UNKNOWN_STATE -> Logger.Level.DEBUG;
        };
    }
}
