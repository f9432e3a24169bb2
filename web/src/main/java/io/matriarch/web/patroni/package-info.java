/** Patroni's REST interface over {@code NodeStatus} and {@code HaCommands}: documents, codes and texts, decides nothing. */
@NullMarked
package io.matriarch.web.patroni;

import org.jspecify.annotations.NullMarked;
