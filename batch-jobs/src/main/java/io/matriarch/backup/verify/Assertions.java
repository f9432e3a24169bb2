package io.matriarch.backup.verify;

import io.matriarch.backup.sandbox.Sandbox;
import io.matriarch.ha.model.BackupPolicy.Assertion;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The users' own questions to the restored data. */
final class Assertions {
    /** It may read everything, and do nothing to the machine. */
    private static final String ROLE = "matriarch_assertion";

    private static final Duration QUESTION = Duration.ofMinutes(1);
    private static final Duration BOUND = Duration.ofMinutes(15);
    private static final List<String> LIMITS = List.of(
            "set client_min_messages = error",
            "set default_transaction_read_only = on",
            "set statement_timeout = '10min'");
    private static final int LONGEST = 300;

    private final Sandbox sandbox;
    private final String superuser;
    private final String database;

    /** @param database for those that name none */
    Assertions(Sandbox sandbox, String superuser, String database) {
        this.sandbox = sandbox;
        this.superuser = superuser;
        this.database = database;
    }

    /** Those that do not hold, one sentence each. */
    List<String> failing(List<Assertion> assertions) throws IOException {
        var failing = new ArrayList<String>();
        if (assertions.isEmpty()) {
            return failing;
        }
        sandbox.ask(superuser, "postgres", """
                        create role %1$s login bypassrls;
                        grant pg_read_all_data to %1$s;
                        select format('grant connect on database %%I to %1$s', datname) from pg_database where datallowconn
                        \\gexec
                        """.formatted(ROLE), QUESTION).must();
        for (var assertion : assertions) {
            var statements = new ArrayList<>(LIMITS);
            statements.add(assertion.sql());
            var asked = sandbox.askPlainly(ROLE, assertion.database().orElse(database), statements, BOUND);
            var answer = asked.output().strip();
            if (!asked.well()) {
                failing.add("the assertion \"" + assertion.name() + "\" cannot be asked: " + shown(answer));
            } else if (!answer.equals(assertion.expects().strip())) {
                failing.add("the assertion \"" + assertion.name() + "\" fails: it says " + shown(answer)
                        + ", expected is " + shown(assertion.expects()));
            }
        }
        return failing;
    }

    private static String shown(String text) {
        var line = text.strip().replaceAll("\\s+", " ");
        return "\"" + (line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "...") + "\"";
    }
}
