package io.matriarch.backup.base;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A password for libpq's programs, in a file that only this user reads and that is gone when the program has ended. */
record PasswordFile(Path path) implements AutoCloseable {

    static PasswordFile of(String password) throws IOException {
        var permissions = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        Path path = Files.createTempFile("matriarch", ".pgpass", permissions);
        Files.writeString(path, "*:*:*:*:" + password.replace("\\", "\\\\").replace(":", "\\:") + "\n");
        return new PasswordFile(path);
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(path);
    }
}
