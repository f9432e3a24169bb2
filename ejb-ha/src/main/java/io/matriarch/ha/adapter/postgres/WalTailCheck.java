package io.matriarch.ha.adapter.postgres;

import io.matriarch.ha.model.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Judges what {@code pg_waldump} says about the end of WAL against what {@link WalReader} found. Two independent readers must see the same
 * records, of the same length, and stop at the same place; anything else means that the end is not known.
 */
final class WalTailCheck {
    private static final Pattern RECORD =
            Pattern.compile("rmgr: .*len \\(rec/tot\\): +(\\d+)/ *(\\d+), .*?lsn: ([0-9A-F]+/[0-9A-F]+), .*");
    private static final Pattern BROKEN =
            Pattern.compile("error in WAL record at ([0-9A-F]+/[0-9A-F]+): (.*)", Pattern.DOTALL);
    private static final Pattern PLACE = Pattern.compile("at ([0-9A-F]+/[0-9A-F]+)");
    private static final int LONGEST_PAGE_HEADER = 40;

    private WalTailCheck() {}

    /**
     * @param output lines of stdout: the records from the oldest of {@code scan.tail()} on
     * @param errors stderr
     * @param stoppedByUs pg_waldump was told to stop at the end of the last segment there is, so it need not name an error
     * @return what they disagree about; empty when they agree
     */
    static Optional<String> disagreement(WalReader.Scan scan, List<String> output, String errors, boolean stoppedByUs) {
        var seen = new ArrayList<Lsn>();
        long lastBytes = 0;
        for (String line : output) {
            var m = RECORD.matcher(line);
            if (m.matches()) {
                seen.add(Lsn.parse(m.group(3)));
                lastBytes = Long.parseLong(m.group(2));
            }
        }
        if (!seen.equals(scan.tail())) {
            return Optional.of("pg_waldump sees " + seen.size() + " records up to "
                    + (seen.isEmpty() ? "none" : seen.getLast()) + ", the reader "
                    + scan.tail().size() + " up to " + scan.last() + "; it says: " + errors.strip());
        }
        if (lastBytes != scan.lastBytes()) {
            return Optional.of("the last record " + scan.last() + " has " + lastBytes + " bytes for pg_waldump, "
                    + scan.lastBytes() + " for the reader");
        }
        return placeDisagreement(scan, errors, stoppedByUs);
    }

    private static Optional<String> placeDisagreement(WalReader.Scan scan, String errors, boolean stoppedByUs) {
        var broken = BROKEN.matcher(errors);
        if (!broken.find()) {
            boolean silent = errors.isBlank();
            return silent && stoppedByUs
                    ? Optional.empty()
                    : Optional.of("pg_waldump ended otherwise: " + errors.strip());
        }
        if (!Lsn.parse(broken.group(1)).equals(scan.last())) {
            return Optional.of("pg_waldump's last record is " + broken.group(1) + ", not " + scan.last());
        }
        var place = PLACE.matcher(broken.group(2));
        Optional<Lsn> named = Optional.empty();
        while (place.find()) {
            named = Optional.of(Lsn.parse(place.group(1)));
        }
        if (named.isEmpty()) {
            return Optional.empty();
        }
        Lsn at = named.get();
        Lsn latest = Lsn.max(scan.end(), scan.torn().orElse(scan.end()));
        boolean within = at.isAtLeast(scan.end()) && at.minus(latest) <= LONGEST_PAGE_HEADER;
        return within ? Optional.empty() : Optional.of("pg_waldump stops at " + at + ", the reader at " + scan.end());
    }
}
