/** Values only: what is known about the cluster and this member, and what can be done. Imports nothing but the JDK's values. */
@NullMarked
package io.matriarch.ha.model;

import org.jspecify.annotations.NullMarked;
