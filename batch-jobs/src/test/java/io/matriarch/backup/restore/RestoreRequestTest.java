package io.matriarch.backup.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.matriarch.backup.restore.RecoveryTarget.AtTime;
import io.matriarch.backup.restore.RecoveryTarget.Latest;
import io.matriarch.backup.restore.RestoreRequest.BadInput;
import io.matriarch.ha.json.Json;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RestoreRequestTest {
    @Test
    void directoryAloneMeansTheLatestMomentPromoted() throws BadInput {
        var request = parse("{\"directory\": \"/srv/aside\"}");

        assertThat(request.target()).isEqualTo(new Latest());
        assertThat(request.promote()).isTrue();
        assertThat(request.setAside()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-06-15T12:00:00Z",
                "2026-06-15 12:00:00Z",
                "2026-06-15T14:00:00+02:00",
                "2026-06-15 14:00:00+02",
                "2026-06-15 12:00:00.000000+00"
            })
    void timeWithAZoneIsUnderstoodInEachOfItsForms(String text) throws BadInput {
        assertThat(parse("{\"directory\": \"/srv/aside\", \"target_time\": \"" + text + "\"}")
                        .target())
                .isEqualTo(new AtTime(Instant.parse("2026-06-15T12:00:00Z")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "directory; {\"directory\": \"aside\"}",
                "directory; {\"directory\": \"/aside\"}",
                "directory; {\"directory\": \"/srv/../etc\"}",
                "directory; {\"directory\": \"/srv/a b\"}",
                "directory; {}",
                "target; {\"directory\": \"/srv/a\", \"target\": \"yesterday\"}",
                "target_time; {\"directory\": \"/srv/a\", \"target_time\": \"2026-06-15 12:00:00\"}",
                "target_lsn; {\"directory\": \"/srv/a\", \"target_lsn\": \"12\"}",
                "target_xid; {\"directory\": \"/srv/a\", \"target_xid\": 0}",
                "target_xid; {\"directory\": \"/srv/a\", \"target_lsn\": \"0/1\", \"target_xid\": 5}",
                "port; {\"directory\": \"/srv/a\", \"port\": 70000}",
                "set_aside; {\"directory\": \"/srv/a\", \"set_aside\": \"yes\"}",
                "delete; {\"directory\": \"/srv/a\", \"delete\": true}"
            })
    void whatIsWrongIsNamed(String field, String json) {
        var bad = catchThrowableOfType(BadInput.class, () -> parse(json));

        assertThat(bad.field()).isEqualTo(field);
    }

    @Test
    void memberIsWhereAndNotWhat() throws BadInput {
        var in = Json.parseObject("{\"directory\": \"/srv/aside\", \"member\": \"pg2\"}");

        assertThat(RestoreRequest.member(in)).contains("pg2");
        var request = RestoreRequest.parse(in);
        assertThat(request.document()).doesNotContainKey("member");
        assertThat(RestoreStepBatchlet.parameter(request, Optional.of("pg2"))).contains("\"member\":\"pg2\"");
        var none = Json.parseObject("{\"member\": 2}");
        assertThat(catchThrowableOfType(BadInput.class, () -> RestoreRequest.member(none)))
                .hasMessageContaining("the name of a member");
    }

    @Test
    void requestIsTheSameAfterItWasAParameterOfAJob() throws BadInput {
        var request =
                parse("{\"directory\": \"/srv/a\", \"target_name\": \"it's #1\", \"port\": 5, \"set_aside\": true,"
                        + " \"promote\": false, \"label\": \"b1\", \"timeline\": 3}");

        assertThat(RestoreStepBatchlet.parameter(request, Optional.empty())).doesNotContain("#");
        assertThat(parse(RestoreStepBatchlet.parameter(request, Optional.empty())))
                .isEqualTo(request);
    }

    private static RestoreRequest parse(String json) throws BadInput {
        return RestoreRequest.parse(Json.parseObject(json));
    }
}
