/** PostgreSQL on restored data, apart from the cluster: what a verification and a restore have in common. */
@NullMarked
package io.matriarch.backup.sandbox;

import org.jspecify.annotations.NullMarked;
