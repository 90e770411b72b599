using Admission.Security.Answers;
using Admission.Security.Login;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Admission.Security;

/// <summary>Everything under <c>/admission</c> that is nothing else.</summary>
/// <remarks>Browsers send the cookie of a session to all of <c>/admission</c>, and programs their key to an address that is mistyped: whatever a route to a backend matches, none of it goes there.</remarks>
internal static class ReservedAddresses
{
    private const string Rest = "rest";

    private static readonly AccessProblem Unknown = new(StatusCodes.Status404NotFound, "unknown-address", "There is no such address",
        "What begins with /admission is answered here and never goes to a backend, and there is nothing at this address, or not for this method. The dashboard is /admission/dashboard, the admin API /admission/v1.");

    /// <summary>Answers them, for all methods; <c>/admission</c> itself leads to the dashboard.</summary>
    public static void MapReservedAddresses(this IEndpointRouteBuilder endpoints) => endpoints.Map($"/admission/{{**{Rest}}}", AnswerAsync).RequireViewer();

    private static Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.RouteValues[Rest] is null or "" && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)))
        {
            context.Response.Redirect(LoginEndpoints.Home);
            return Task.CompletedTask;
        }

        return Unknown.WriteAsync(context);
    }
}
