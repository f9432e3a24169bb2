package io.matriarch.backup.base;

import io.matriarch.ha.api.BackupFacts.Leader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** Whether the member that holds the leader key says itself that it is the primary. */
final class PrimaryCheck implements AutoCloseable {
    private static final Duration BOUND = Duration.ofSeconds(5);

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(BOUND).build();

    /** @throws IOException if it does not say so within five seconds */
    void require(Leader leader) throws IOException {
        if (leader.apiUrl().startsWith("https:")) {
            // Which authority signed the members' certificates is the agents' to know; PostgreSQL itself is asked in a
            // moment.
            return;
        }
        var question = HttpRequest.newBuilder(URI.create(leader.apiUrl()).resolve("/primary"))
                .timeout(BOUND)
                .GET()
                .build();
        try {
            int status = client.send(question, BodyHandlers.discarding()).statusCode();
            if (status != 200) {
                throw new IOException(
                        leader.member() + " holds the leader key and answers " + status + " to " + question.uri());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while asking " + leader.member(), e);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
