package io.matriarch.ha.decide;

import io.matriarch.ha.model.HaMemory.WalMark;
import io.matriarch.ha.model.MemberName;
import io.matriarch.ha.model.Upstream;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What must be observed beyond the usual before the next decision can be made; costly facts are asked only then.
 *
 * @param askPeers members to probe, by api_url
 * @param confirmFailsafe members to ask for confirmation, by api_url
 * @param endOfWal look for the end of local WAL from here
 * @param rejoinAgainst judge the local data against this leader
 */
public record Needs(
        Map<MemberName, String> askPeers,
        Map<MemberName, String> confirmFailsafe,
        Optional<WalMark> endOfWal,
        Optional<Upstream> rejoinAgainst) {
    public static final Needs NOTHING = new Needs(Map.of(), Map.of(), Optional.empty(), Optional.empty());

    public Needs {
        askPeers = java.util.Collections.unmodifiableMap(new TreeMap<>(askPeers));
        confirmFailsafe = java.util.Collections.unmodifiableMap(new TreeMap<>(confirmFailsafe));
    }
}
