using Admission.Capacity;
using Admission.Grains.Configuration;

namespace Admission.Frontend.Profiles;

/// <summary>Puts a profile's limit into a policy. Limits that are given beside it hold only where they are lower: a higher one would be more than the server has.</summary>
internal static class ProfileLimits
{
    /// <summary>Completes a policy whose limits have been read.</summary>
    /// <param name="reader">The backend's section.</param>
    /// <param name="profile">Its profile, or null.</param>
    /// <param name="policy">The policy; where each destination is such a server, its destinations have their limits already.</param>
    /// <param name="rule">Which rule has given the limit, in words; null without a profile.</param>
    public static BackendPolicy Apply(SectionReader reader, ServerProfile? profile, BackendPolicy policy, out string? rule)
    {
        rule = null;
        if (profile is null)
        {
            return policy;
        }

        var each = !profile.IsShared && policy.Destinations.Length > 0;
        var most = each ? (policy with { Limit = null }).TotalLimit : profile.Limit;
        var all = each ? $"at {policy.Destinations.Length} destinations, each {profile.Explanation}" : profile.Explanation;
        if (policy.Limit is { } given)
        {
            if (given >= most)
            {
                reader.Error("Limit", NotLower(given, most, all));
            }

            rule = $"{given}, by Limit, which is lower than the {most} of the profile ({all})";
            return policy;
        }

        rule = $"{most}, by the profile ({all})";
        return each ? policy : policy with { Limit = profile.Limit };
    }

    /// <summary>Says that a limit is not lower than the profile's.</summary>
    public static string NotLower(int given, int most, string explanation) =>
        $"{given} is not lower than the {most} of the Profile ({explanation}). Leave it out, give less, or correct the Profile.";
}
