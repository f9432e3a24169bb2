package io.matriarch.ha.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.loop.LeaseKeeper.Timing;
import io.matriarch.ha.model.LeaderLease;
import io.matriarch.ha.model.LeaseId;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.Revision;
import io.matriarch.ha.port.Dcs;
import io.matriarch.ha.port.FenceKeeper;
import io.matriarch.ha.port.MonotonicClock;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LeaseKeeperTest {
    private static final LeaseId LEASE = new LeaseId(7);
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Timing SHORT = timing(5);
    private static final Timing LONG = timing(60);

    private final List<MonotonicTime> deadlines = new ArrayList<>();
    private final AtomicInteger paces = new AtomicInteger();
    private MonotonicTime now = new MonotonicTime(1_000_000_000_000L);
    private Duration granted = Duration.ofSeconds(5);
    private LeaseKeeper keeper;

    @BeforeEach
    void aGuardedPrimaryWithAShortLease() throws Exception {
        keeper = new LeaseKeeper(dcs(), fence(), clock(), Optional.empty(), id -> {}, () -> {}, paces::incrementAndGet);
        keeper.tune(SHORT);
        keeper.renew();
        keeper.guard(new LeaderLease(new MemberName("pg1"), LEASE, new Revision(1)));
    }

    @Test
    void deadlineCountsFromWhenTheRenewalWasSent() {
        now = now.plus(SECOND);
        keeper.renew();

        assertThat(deadlines.getLast()).isEqualTo(now.plus(Duration.ofSeconds(4)));
    }

    @Test
    void renewalOfAShortLeaseUnderALongTimeToLiveStillReachesAhead() {
        keeper.tune(LONG);
        now = now.plus(SECOND);
        keeper.renew();

        assertThat(deadlines.getLast()).isEqualTo(now.plus(Duration.ofSeconds(4)));
        assertThat(keeper.lease().orElseThrow().safeUntil()).isEqualTo(now.plus(Duration.ofSeconds(4)));
    }

    @Test
    void longLeaseUnderAShortTimeToLiveCountsAsShort() {
        keeper.switchTo(LEASE, now, Duration.ofSeconds(60));
        granted = Duration.ofSeconds(60);
        keeper.renew();

        assertThat(deadlines.getLast()).isEqualTo(now.plus(Duration.ofSeconds(4)));
    }

    @Test
    void leaseThatDoesNotCarryTheLeaderKeyYetDoesNotMoveTheDeadlineAhead() throws Exception {
        keeper.tune(LONG);
        keeper.shortenGuard(now.plus(Duration.ofSeconds(48)));

        assertThat(deadlines.getLast()).isEqualTo(now.plus(Duration.ofSeconds(4)));
        keeper.switchTo(new LeaseId(8), now, Duration.ofSeconds(60));
        assertThat(deadlines.getLast()).isEqualTo(now.plus(Duration.ofSeconds(48)));
    }

    @Test
    void leaseOfAGuardedPrimaryIsChangedOnlyWhileItIsSafeAndCarriesTheKey() {
        assertThat(keeper.mayBeChanged(true)).isTrue();
        assertThat(keeper.mayBeChanged(false)).isFalse();
        now = now.plus(Duration.ofSeconds(10));
        assertThat(keeper.mayBeChanged(true)).isFalse();
        keeper.unguard();
        assertThat(keeper.mayBeChanged(false)).isTrue();
    }

    @Test
    void anotherTimeToLiveEndsThePauseThatThePresentOneMeant() {
        assertThat(keeper.interval()).isEqualTo(SECOND);
        int before = paces.get();
        keeper.tune(LONG);

        assertThat(paces.get()).isGreaterThan(before);
        // The lease itself is still the short one.
        assertThat(keeper.interval()).isEqualTo(SECOND);
    }

    private static Timing timing(int seconds) {
        return new Timing(Duration.ofSeconds(seconds), Duration.ofMillis(seconds * 200L), Duration.ofSeconds(2));
    }

    private Dcs dcs() {
        return fake(Dcs.class, name -> switch (name) {
            case "grantLease" -> LEASE;
            case "keepAlive" -> Optional.of(granted);
            default -> throw new UnsupportedOperationException(name);
        });
    }

    private FenceKeeper fence() {
        return (FenceKeeper) Proxy.newProxyInstance(
                FenceKeeper.class.getClassLoader(), new Class<?>[] {FenceKeeper.class}, (proxy, method, arguments) -> {
                    if (!method.getName().equals("extend")) {
                        throw new UnsupportedOperationException(method.getName());
                    }
                    deadlines.add((MonotonicTime) arguments[0]);
                    return null;
                });
    }

    private MonotonicClock clock() {
        return new MonotonicClock() {
            @Override
            public MonotonicTime now() {
                return now;
            }

            @Override
            public Instant wallClock() {
                return Instant.EPOCH;
            }
        };
    }

    private static <T> T fake(Class<T> port, java.util.function.Function<String, Object> answers) {
        return port.cast(Proxy.newProxyInstance(
                port.getClassLoader(),
                new Class<?>[] {port},
                (proxy, method, arguments) -> answers.apply(method.getName())));
    }
}
