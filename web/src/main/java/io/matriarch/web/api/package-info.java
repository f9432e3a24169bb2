/** Our own REST interface below {@code /matriarch}: decisions with their reasons, fail-over readiness, one sentence for people. */
@NullMarked
package io.matriarch.web.api;

import org.jspecify.annotations.NullMarked;
