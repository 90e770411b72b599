using Admission.Jobs;

namespace Admission.Frontend.Deferring;

/// <summary>Where a client wants its result sent.</summary>
internal static class JobCallbacks
{
    /// <summary>The header that says so.</summary>
    public const string Header = "X-Admission-Callback";

    /// <summary>Whether the policy's list has the beginning of the address, up to a boundary: <c>https://a.example/</c> does not allow <c>https://a.example.evil/</c>.</summary>
    public static bool IsAllowed(JobPolicy policy, string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address) && address.UserInfo.Length == 0
        && policy.Callbacks.Any(allowed => address.AbsoluteUri.StartsWith(allowed, StringComparison.Ordinal));
}
