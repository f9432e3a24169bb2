/** Statuses to judge and to render, without an agent. */
@NullMarked
package io.matriarch.web.support;

import org.jspecify.annotations.NullMarked;
