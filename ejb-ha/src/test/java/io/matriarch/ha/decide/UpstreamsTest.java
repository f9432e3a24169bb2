package io.matriarch.ha.decide;

import static io.matriarch.ha.decide.Views.ME;
import static io.matriarch.ha.decide.Views.OTHER;
import static org.assertj.core.api.Assertions.assertThat;

import io.matriarch.ha.model.MemberRole;
import io.matriarch.ha.model.MemberView;
import io.matriarch.ha.model.Upstream;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UpstreamsTest {
    @ParameterizedTest
    @CsvSource({
        "postgres://10.0.0.4:5433/postgres, 10.0.0.4, 5433",
        "postgresql://db-2.example.com/postgres, db-2.example.com, 5432",
        "postgres://db-2, db-2, 5432",
        "postgres://user:secret@db-2:6000/postgres, db-2, 6000",
        "postgres://[fd00::2]:5432/postgres?sslmode=require, fd00::2, 5432",
    })
    void hostAndPortAreRead(String url, String host, int port) {
        assertThat(Upstreams.of(member(url))).contains(new Upstream(Optional.of(OTHER), host, port, Optional.empty()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "mysql://db-2:3306/x", "postgres://", "db-2:5432"})
    void whatIsNoAddressIsNoUpstream(String url) {
        assertThat(Upstreams.of(member(url))).isEmpty();
    }

    @Test
    void slotOfAReplicaIsNamedAfterItself() {
        var upstream =
                Upstreams.withSlot(Upstreams.of(member("postgres://db-2")).orElseThrow(), ME);

        assertThat(upstream.slotName()).contains("pg1");
    }

    @Test
    void samePlaceThroughAnotherSlotIsAnotherWay() {
        var plain = Upstreams.of(member("postgres://db-2")).orElseThrow();

        assertThat(Upstreams.same(plain, plain)).isTrue();
        assertThat(Upstreams.same(plain, Upstreams.withSlot(plain, ME))).isFalse();
    }

    @Test
    void nameOfTheMemberDoesNotMatterToAConnection() {
        var known = Upstreams.of(member("postgres://db-2")).orElseThrow();
        var fromFiles = new Upstream(Optional.empty(), "db-2", 5432, Optional.empty());

        assertThat(Upstreams.same(known, fromFiles)).isTrue();
    }

    private static MemberView member(String connUrl) {
        var member = Views.member(OTHER, MemberRole.PRIMARY, Views.THEIR_LEASE);
        return Records.with(member, "report", Records.with(member.report(), "connUrl", connUrl));
    }
}
