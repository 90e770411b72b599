using Admission.Security;
using Admission.Security.Callers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Says whom an endpoint is for.</summary>
/// <remarks>
/// The check is put around the endpoint itself, so that no order of middleware can leave it out; it serves route handlers, hubs and Razor components alike. It needs the services of <c>AddAdmission()</c>.
/// In the endpoint <c>HttpContext.User</c> is the caller, with its name and the role claims <c>viewer</c> and <c>operator</c>.
/// </remarks>
public static class AccessEndpointExtensions
{
    /// <summary>Only for viewers and operators; and, as long as no credentials are configured, for callers on this machine.</summary>
    /// <param name="endpoints">The endpoint, or a group of them; what an endpoint of a group says itself goes before.</param>
    /// <returns>The same.</returns>
    public static TBuilder RequireViewer<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder => endpoints.Guard(new AccessMetadata(AccessRole.Viewer));

    /// <summary>Only for operators; and, as long as no credentials are configured, for callers on this machine.</summary>
    /// <param name="endpoints">The endpoint, or a group of them; what an endpoint of a group says itself goes before.</param>
    /// <returns>The same.</returns>
    public static TBuilder RequireOperator<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder => endpoints.Guard(new AccessMetadata(AccessRole.Operator));

    /// <summary>For everybody, but as the caller who asks.</summary>
    internal static TBuilder TellCaller<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder => endpoints.Guard(new AccessMetadata(AccessRole.None));

    /// <summary>Only for what is said.</summary>
    internal static TBuilder Guard<TBuilder>(this TBuilder endpoints, AccessMetadata access)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        endpoints.Add(endpoint => endpoint.Metadata.Add(access));
        endpoints.Finally(static endpoint =>
        {
            if (endpoint.RequestDelegate is not { } inner || endpoint.Metadata.OfType<Guarded>().Any())
            {
                return;
            }

            endpoint.Metadata.Add(new Guarded());
            endpoint.RequestDelegate = context =>
            {
                var access = context.GetEndpoint()!.Metadata.GetRequiredMetadata<AccessMetadata>();
                return context.RequestServices.GetRequiredService<AccessGate>().AnswerAsync(context, access, inner);
            };
        });
        return endpoints;
    }

    /// <summary>The check is there already.</summary>
    private sealed class Guarded;
}
