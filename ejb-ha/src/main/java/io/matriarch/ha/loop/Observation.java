package io.matriarch.ha.loop;

import io.matriarch.ha.model.DcsView;
import io.matriarch.ha.model.MonotonicTime;
import io.matriarch.ha.model.NodeView;
import io.matriarch.ha.port.PostgresProbe;

/** What one cycle saw, at {@code now}. */
record Observation(DcsView dcs, NodeView node, PostgresProbe.Facts facts, MonotonicTime now) {}
