package io.matriarch.backup.catalogue;

import io.matriarch.backup.repository.Repository;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.util.Locale;

/** Documents that are only ever added to, one behind the other: {@code state-0001.json}, {@code state-0002.json}. */
public final class Numbered {
    private Numbered() {}

    /**
     * Writes one behind those that are there, and behind whatever another manager writes in the same moment. Blocks as long as the repository does.
     *
     * @param prefix folder and beginning of the names
     */
    public static void append(Repository repository, String prefix, String json) throws IOException {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        int next = repository.list(prefix).size() + 1;
        while (true) {
            try {
                repository.create(prefix + String.format(Locale.ROOT, "%04d.json", next), out -> out.write(bytes));
                return;
            } catch (FileAlreadyExistsException e) {
                next++;
            }
        }
    }
}
