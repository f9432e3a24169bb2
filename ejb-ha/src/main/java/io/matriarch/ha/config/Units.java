package io.matriarch.ha.config;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers with PostgreSQL's units and booleans in PostgreSQL's spellings, read as Patroni reads them. */
public final class Units {

    private static final Pattern NUMBER = Pattern.compile(
            "\\s*([-+]?(?:0[xX][0-9a-fA-F]+|[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?)\\s*(\\S*)\\s*");
    private static final Map<String, BigDecimal> BYTES = Map.of(
            "B", BigDecimal.ONE,
            "kB", BigDecimal.valueOf(1L << 10),
            "MB", BigDecimal.valueOf(1L << 20),
            "GB", BigDecimal.valueOf(1L << 30),
            "TB", BigDecimal.valueOf(1L << 40));
    private static final Map<String, BigDecimal> MICROSECONDS = Map.of(
            "us", BigDecimal.ONE,
            "ms", BigDecimal.valueOf(1_000),
            "s", BigDecimal.valueOf(1_000_000),
            "min", BigDecimal.valueOf(60_000_000L),
            "h", BigDecimal.valueOf(3_600_000_000L),
            "d", BigDecimal.valueOf(86_400_000_000L));

    private Units() {}

    /**
     * A whole number in {@code baseUnit}; fractions are rounded half to even.
     *
     * @param baseUnit the unit of a bare number, for example {@code s} or {@code MB}; empty if no unit may be written
     * @return empty if {@code text} is no such number
     */
    public static OptionalLong whole(String text, String baseUnit) {
        Matcher matcher = NUMBER.matcher(text);
        if (!matcher.matches()) {
            return OptionalLong.empty();
        }
        Optional<BigDecimal> factor = factor(matcher.group(2), baseUnit);
        if (factor.isEmpty()) {
            return OptionalLong.empty();
        }
        try {
            BigDecimal number = number(matcher.group(1)).multiply(factor.get());
            return OptionalLong.of(number.setScale(0, RoundingMode.HALF_EVEN).longValueExact());
        } catch (ArithmeticException | NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    private static BigDecimal number(String digits) {
        String lower = digits.toLowerCase(Locale.ROOT);
        int hex = lower.indexOf("0x");
        if (hex >= 0) {
            return new BigDecimal(new BigInteger(lower.replace("0x", ""), 16));
        }
        return new BigDecimal(digits);
    }

    private static Optional<BigDecimal> factor(String unit, String baseUnit) {
        if (unit.isEmpty()) {
            return Optional.of(BigDecimal.ONE);
        }
        for (Map<String, BigDecimal> family : List.of(BYTES, MICROSECONDS)) {
            BigDecimal size = family.get(unit);
            BigDecimal base = family.get(baseUnit);
            if (size != null && base != null) {
                return Optional.of(size.divide(base, 12, RoundingMode.HALF_EVEN));
            }
        }
        return Optional.empty();
    }

    /** {@code on}, {@code true}, {@code yes}, {@code 1} and their opposites in any case; empty for all else. */
    static Optional<Boolean> flag(String text) {
        return switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "on", "true", "yes", "1" -> Optional.of(true);
            case "off", "false", "no", "0" -> Optional.of(false);
            default -> Optional.empty();
        };
    }
}
