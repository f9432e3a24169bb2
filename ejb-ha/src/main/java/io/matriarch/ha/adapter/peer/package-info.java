/**
 * Other members over HTTP: their status documents before an election, their consent in failsafe mode. The only place that calls members
 * and reads Patroni's status document.
 */
@NullMarked
package io.matriarch.ha.adapter.peer;

import org.jspecify.annotations.NullMarked;
