package io.matriarch.backup.base;

/** Who logs in to PostgreSQL; an empty password where none is needed. */
public record Login(String user, String password) {

    /** Without the password. */
    @Override
    public String toString() {
        return user;
    }
}
