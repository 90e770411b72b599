using System.Globalization;
using Admission.Capacity;
using Admission.Frontend.Classification;
using Admission.Frontend.Problems;
using Microsoft.Extensions.Primitives;

namespace Admission.Frontend.Forwarding;

/// <summary>What a request says about its own admission, in headers of ours.</summary>
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

    /// <summary>The longest deadline, in milliseconds: a day.</summary>
    public const int LongestDeadline = 24 * 60 * 60 * 1000;

    /// <summary>Reads the request's headers and takes ours off, so that the backend sees none.</summary>
    /// <param name="headers">The request's headers.</param>
    /// <param name="request">What is known of the request without them.</param>
    /// <param name="trusted">Whether weight, priority and tenant count.</param>
    /// <param name="problem">Takes the first header that is not understood, unless there is a problem already.</param>
    public static AdmissionRequest Take(IHeaderDictionary headers, AdmissionRequest request, bool trusted, ref Problem? problem)
    {
        if (headers.TryGetValue(Deadline, out var deadline))
        {
            var wait = TimeSpan.FromMilliseconds(Number(Deadline, deadline, 0, LongestDeadline, "whole milliseconds", ref problem));
            request = request with { MaxWait = request.MaxWait < wait ? request.MaxWait : wait };
        }

        if (headers.Remove(Weight, out var weight) && trusted)
        {
            request = request with { Weight = Number(Weight, weight, 1, BackendPolicyRules.LargestLimit, "a whole number", ref problem) };
        }

        if (headers.Remove(Priority, out var priority) && trusted)
        {
            request = request with { Priority = Number(Priority, priority, Priorities.Critical, Priorities.Lowest, "a whole number", ref problem) };
        }

        if (headers.Remove(Tenant, out var tenant) && trusted)
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
        if (text is [{ } name] && TenantName.IsPossible(name))
        {
            return name;
        }

        problem ??= Wrong(Tenant, text, TenantName.Accepted);
        return null;
    }

    private static Problem Wrong(string header, StringValues text, string accepted) =>
        ValueProblems.Describe(new RequestSource(SourceKind.Header, header), text.ToString(), accepted);
}
