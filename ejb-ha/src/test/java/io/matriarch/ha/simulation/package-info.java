/**
 * A deterministic world for the real loop: simulated etcd, network, PostgreSQL, fence and agents on one seeded event queue. The same
 * seed always gives the same trace.
 */
package io.matriarch.ha.simulation;
