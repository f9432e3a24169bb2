package io.matriarch.ha.simulation;

/** What one member's configuration files say, and what they should say. */
final class SimSettings {
    private String written = "";
    private String wanted = "";

    void want(String text) {
        wanted = text;
    }

    String wanted() {
        return wanted;
    }

    void write() {
        written = wanted;
    }

    boolean differ() {
        return !written.equals(wanted);
    }
}
