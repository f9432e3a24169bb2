/** A row of ours in the cluster, which the elected manager keeps young: so an idle cluster has a recent commit, and a restore a time. */
@NullMarked
package io.matriarch.backup.heartbeat;

import org.jspecify.annotations.NullMarked;
