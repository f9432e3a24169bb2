package io.matriarch.ha.loop;

import io.matriarch.ha.port.Dcs;
import io.matriarch.ha.port.DecisionJournal;
import io.matriarch.ha.port.FenceKeeper;
import io.matriarch.ha.port.MonotonicClock;
import io.matriarch.ha.port.PeerProbe;
import io.matriarch.ha.port.PostgresControl;
import io.matriarch.ha.port.PostgresProbe;
import io.matriarch.ha.port.SlowWorker;
import io.matriarch.ha.port.StatusBoard;

/** The world as the loop sees it: real adapters in production, simulated ones in the simulator. */
public record Ports(
        Dcs dcs,
        PostgresProbe probe,
        PostgresControl control,
        FenceKeeper fence,
        PeerProbe peers,
        MonotonicClock clock,
        SlowWorker worker,
        DecisionJournal journal,
        StatusBoard board) {}
