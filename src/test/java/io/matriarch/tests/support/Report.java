package io.matriarch.tests.support;

import java.io.PrintStream;

/** The one place where tests write to the console. */
public final class Report {
    private static final PrintStream OUT = System.out;

    private Report() {}

    /** One line. */
    public static void say(String line) {
        OUT.println(line);
        OUT.flush();
    }
}
