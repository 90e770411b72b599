using System.Globalization;
using Admission.Capacity;
using Admission.Frontend.Configuration;
using Admission.Frontend.Problems;
using Microsoft.Extensions.Primitives;

namespace Admission.Frontend.Forwarding;

/// <summary>What a request says about its own admission, in headers.</summary>
internal static class AdmissionHeaders
{
    /// <summary>How long the request may wait, in milliseconds; anybody may say so, because it can only be shorter than the policy's.</summary>
    public const string Deadline = "X-Request-Deadline";

    /// <summary>Permits needed; counts only on routes that trust headers.</summary>
    public const string Weight = "X-Admission-Weight";

    /// <summary>Priority; counts only on routes that trust headers.</summary>
    public const string Priority = "X-Admission-Priority";

    /// <summary>Tenant; counts only on routes that trust headers.</summary>
    public const string Tenant = "X-Admission-Tenant";

    private const int LongestDeadline = 24 * 60 * 60 * 1000;
    private const int LongestTenant = 100;

    /// <summary>Reads the request's headers and takes ours off, so that the backend sees none.</summary>
    /// <param name="headers">The request's headers.</param>
    /// <param name="route">What the route says.</param>
    /// <param name="problem">The first header that is not understood, or null.</param>
    public static AdmissionRequest Take(IHeaderDictionary headers, RouteSettings route, out Problem? problem)
    {
        problem = null;
        var request = new AdmissionRequest { Weight = route.Weight, Priority = route.Priority };
        if (headers.TryGetValue(Deadline, out var deadline))
        {
            request = request with { MaxWait = TimeSpan.FromMilliseconds(Number(Deadline, deadline, 0, LongestDeadline, "whole milliseconds", ref problem)) };
        }

        if (headers.Remove(Weight, out var weight) && route.TrustsHeaders)
        {
            request = request with { Weight = Number(Weight, weight, 1, BackendPolicyRules.LargestLimit, "a whole number", ref problem) };
        }

        if (headers.Remove(Priority, out var priority) && route.TrustsHeaders)
        {
            request = request with { Priority = Number(Priority, priority, Priorities.Critical, Priorities.Lowest, "a whole number", ref problem) };
        }

        if (headers.Remove(Tenant, out var tenant) && route.TrustsHeaders)
        {
            request = request with { Tenant = Name(tenant, ref problem) };
        }

        return request;
    }

    private static int Number(string header, StringValues text, int least, int most, string what, ref Problem? problem)
    {
        if (text.Count == 1 && int.TryParse(text[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
        {
            return number;
        }

        problem ??= Wrong(header, text, $"{what} from {least} to {most}");
        return least;
    }

    private static string? Name(StringValues text, ref Problem? problem)
    {
        if (text is [{ Length: > 0 and <= LongestTenant } name] && !name.Any(char.IsControl))
        {
            return name;
        }

        problem ??= Wrong(Tenant, text, $"one name of 1 to {LongestTenant} characters");
        return null;
    }

    private static Problem Wrong(string header, StringValues text, string accepted) => new(
        StatusCodes.Status400BadRequest,
        "invalid-header",
        "A header is not understood",
        $"The header {header} is '{Shortened(text.ToString())}'. Accepted is {accepted}.");

    private static string Shortened(string text) => text.Length <= 100 ? text : text[..100] + "...";
}
