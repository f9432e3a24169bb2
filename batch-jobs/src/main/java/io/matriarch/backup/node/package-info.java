/**
 * What managers have nodes do, both ends: the manager's command and its watching, the node's guard and its work. Kinds of work are {@link
 * io.matriarch.backup.node.NodeWork}s of other packages.
 */
@NullMarked
package io.matriarch.backup.node;

import org.jspecify.annotations.NullMarked;
