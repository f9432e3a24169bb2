/** The facade that the web and the batch jobs call: checks a request, writes it, decides nothing. */
@NullMarked
package io.matriarch.ha.api;

import org.jspecify.annotations.NullMarked;
