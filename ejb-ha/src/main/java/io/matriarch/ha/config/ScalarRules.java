package io.matriarch.ha.config;

import io.matriarch.ha.config.Node.Kind;
import io.matriarch.ha.config.Node.Scalar;
import java.math.BigInteger;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What an unquoted YAML scalar means. YAML 1.1's rules, because Patroni's reader follows them and both must understand
 * one file alike: {@code on} and {@code yes} are booleans, {@code 0644} is octal. Not taken over: numbers to the base
 * 60 ({@code 10:30}), which only ever surprise.
 */
final class ScalarRules {

    private static final Set<String> NULLS = Set.of("", "~", "null", "Null", "NULL");
    private static final Set<String> TRUE = Set.of("yes", "true", "on");
    private static final Set<String> FALSE = Set.of("no", "false", "off");
    private static final Pattern CASED = Pattern.compile("[a-z]+|[A-Z][a-z]+|[A-Z]+");
    private static final Pattern INTEGER = Pattern.compile("[-+]?(0b[01_]+|0x[0-9a-fA-F_]+|0o?[0-7_]+|0|[1-9][0-9_]*)");
    private static final Pattern DECIMAL =
            Pattern.compile("[-+]?([0-9][0-9_]*\\.[0-9_]*([eE][-+]?[0-9]+)?|\\.[0-9][0-9_]*([eE][-+]?[0-9]+)?)");

    private ScalarRules() {}

    static Scalar plain(String text, Location at) {
        if (NULLS.contains(text)) {
            return new Scalar(Kind.NULL, "", at);
        }
        if (CASED.matcher(text).matches()) {
            String word = text.toLowerCase(Locale.ROOT);
            if (TRUE.contains(word)) {
                return new Scalar(Kind.FLAG, "true", at);
            }
            if (FALSE.contains(word)) {
                return new Scalar(Kind.FLAG, "false", at);
            }
        }
        if (INTEGER.matcher(text).matches()) {
            return integer(text, at);
        }
        if (DECIMAL.matcher(text).matches()) {
            return new Scalar(Kind.DECIMAL, text.replace("_", ""), at);
        }
        return new Scalar(Kind.TEXT, text, at);
    }

    private static Scalar integer(String text, Location at) {
        String digits = text.replace("_", "");
        boolean negative = digits.startsWith("-");
        if (negative || digits.startsWith("+")) {
            digits = digits.substring(1);
        }
        int base = 10;
        if (digits.startsWith("0x")) {
            base = 16;
            digits = digits.substring(2);
        } else if (digits.startsWith("0b")) {
            base = 2;
            digits = digits.substring(2);
        } else if (digits.startsWith("0o")) {
            base = 8;
            digits = digits.substring(2);
        } else if (digits.length() > 1 && digits.startsWith("0")) {
            base = 8;
            digits = digits.substring(1);
        }
        if (digits.isEmpty()) {
            return new Scalar(Kind.TEXT, text, at);
        }
        BigInteger number = new BigInteger(digits, base);
        return new Scalar(Kind.INTEGER, (negative ? number.negate() : number).toString(), at);
    }
}
