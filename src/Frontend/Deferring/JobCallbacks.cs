using Admission.Jobs;

namespace Admission.Frontend.Deferring;

/// <summary>Whom clients may have told that their jobs are finished.</summary>
internal static class JobCallbacks
{
    /// <summary>The header that says whom.</summary>
    public const string Header = "X-Admission-Callback";

    /// <summary>Whether one of the policy's addresses is how this one begins. Those end with a slash, so that no other host and no other folder begins like them.</summary>
    public static bool IsAllowed(JobPolicy policy, string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address) && address.UserInfo.Length == 0
        && policy.Callbacks.Any(allowed => address.AbsoluteUri.StartsWith(allowed, StringComparison.Ordinal));
}
