package io.matriarch.ha.loop;

import io.matriarch.ha.port.Dcs;
import io.matriarch.ha.port.KeySpace;

/** This machine's one connection to the DCS, for those who are not the loop. */
public record ClusterStore(Dcs dcs, KeySpace managers) {}
