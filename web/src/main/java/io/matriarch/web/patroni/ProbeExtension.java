package io.matriarch.web.patroni;

import io.undertow.servlet.ServletExtension;
import io.undertow.servlet.api.DeploymentInfo;
import jakarta.servlet.ServletContext;

/** Puts {@link ProbeHandler} before the servlets. The server finds it as a service when it deploys the web application. */
public final class ProbeExtension implements ServletExtension {
    private static final String CACHE = StatusCache.class.getName();

    @Override
    public void handleDeployment(DeploymentInfo deployment, ServletContext context) {
        // The loop stamps a status by the same clock (SystemClock).
        var cache = new StatusCache(System::nanoTime);
        context.setAttribute(CACHE, cache);
        deployment.addInitialHandlerChainWrapper(next -> new ProbeHandler(next, cache));
    }

    static StatusCache cacheOf(ServletContext context) {
        if (context.getAttribute(CACHE) instanceof StatusCache cache) {
            return cache;
        }
        throw new IllegalStateException("the server did not call " + ProbeExtension.class.getName());
    }
}
