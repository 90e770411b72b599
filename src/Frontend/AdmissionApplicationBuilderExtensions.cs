using Admission.Frontend.Deferring;
using Admission.Frontend.Forwarding;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Puts admission into YARP's pipeline.</summary>
public static class AdmissionApplicationBuilderExtensions
{
    /// <summary>
    /// Admits requests before they are forwarded. Goes into the pipeline given to <c>MapReverseProxy</c>, before session affinity and load
    /// balancing, because the permit may name the destination.
    /// </summary>
    /// <param name="proxy">The proxy's pipeline.</param>
    /// <returns>The same pipeline.</returns>
    public static IReverseProxyApplicationBuilder UseAdmission(this IReverseProxyApplicationBuilder proxy)
    {
        ArgumentNullException.ThrowIfNull(proxy);

        // Requests that were stored go the same way as live ones from here on.
        var jobs = proxy.ApplicationServices.GetService<JobPipeline>();
        proxy.Use(admission =>
        {
            jobs?.Attach(admission);
            return admission;
        });
        proxy.UseMiddleware<AdmissionMiddleware>();
        return proxy;
    }
}
