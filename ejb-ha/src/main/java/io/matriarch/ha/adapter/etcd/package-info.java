/**
 * The DCS on etcd 3.4 or later, in Patroni's layout: the only place that knows etcd, key names and Patroni's JSON.
 *
 * <p>It calls jetcd's generated stubs on one gRPC channel per endpoint, not jetcd's {@code Client}: a stub's call ends at its deadline and
 * is cancelled then, a channel can be told to reconnect now, and all of it runs on one daemon thread. The {@code Client} would leave
 * each abandoned call waiting, back off for up to two minutes, and bring pools of its own.
 */
@NullMarked
package io.matriarch.ha.adapter.etcd;

import org.jspecify.annotations.NullMarked;
