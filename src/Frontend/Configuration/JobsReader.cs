using System.Globalization;
using Admission.Capacity;
using Admission.Frontend.Classification;
using Admission.Grains.Configuration;
using Admission.Jobs;

namespace Admission.Frontend.Configuration;

/// <summary>Reads <c>Admission:Backends:{clusterId}:Jobs</c>.</summary>
internal static class JobsReader
{
    private const int MostAtOnce = 10_000;
    private const int MostByDefault = 256;
    private const int ShortestKey = 16;

    /// <summary>Reads the section; mistakes go to the reader's errors.</summary>
    /// <param name="reader">The section.</param>
    /// <param name="defersAll">The backend says <c>Overflow: Defer</c>.</param>
    /// <param name="policy">The backend's policy, read so far.</param>
    /// <returns>Null for a backend without jobs.</returns>
    public static JobPolicy? Read(SectionReader reader, bool defersAll, BackendPolicy policy)
    {
        var given = reader.IsGiven;
        var enabled = reader.Switch("Enabled") ?? (defersAll || given);
        var defaults = new JobPolicy();
        var jobs = new JobPolicy
        {
            DefersAll = defersAll,
            DeferAfter = reader.Duration("DeferAfter", defaults.DeferAfter, TimeSpan.Zero, TimeSpan.FromMinutes(1)),
            Priority = ReadPriority(reader, policy),
            Capacity = reader.Count("Capacity", defaults.Capacity, 1, 10_000_000),
            MaxFinished = reader.Count("MaxFinished", defaults.MaxFinished, 1, 10_000_000),
            MaxStored = SettingsReader.Within(reader, "MaxStored", reader.Bytes("MaxStored") ?? defaults.MaxStored, 1L << 50),
            MaxBody = SettingsReader.Within(reader, "MaxBody", reader.Bytes("MaxBody") ?? defaults.MaxBody, 64L << 20),
            MaxResult = SettingsReader.Within(reader, "MaxResult", reader.Bytes("MaxResult") ?? defaults.MaxResult, 64L << 20),

            // Twice the limit: as many wait for a permit as have one, so that none idles while a result is written down.
            AtOnce = reader.Count("AtOnce", (int)Math.Clamp(2L * policy.TotalLimit, 2, MostByDefault), 1, MostAtOnce),
            Tenants = TenantsOf(policy),
            Attempts = reader.Count("Attempts", defaults.Attempts, 1, 100),
            FirstDelay = reader.Duration("FirstDelay", defaults.FirstDelay, TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1)),
            Ttl = reader.Duration("Ttl", defaults.Ttl, TimeSpan.FromSeconds(1), TimeSpan.FromDays(30)),
            ResultTtl = reader.Duration("ResultTtl", defaults.ResultTtl, TimeSpan.FromSeconds(1), TimeSpan.FromDays(30)),
            ClaimTtl = reader.Duration("ClaimTtl", defaults.ClaimTtl, JobPolicy.ShortestClaimTtl, TimeSpan.FromMinutes(10)),
        };
        jobs = jobs with
        {
            LongestDelay = reader.Duration(
                "LongestDelay", jobs.FirstDelay > defaults.LongestDelay ? jobs.FirstDelay : defaults.LongestDelay, TimeSpan.FromMilliseconds(10), TimeSpan.FromDays(1)),
        };
        jobs = ReadCallbacks(reader.Child("Callbacks"), jobs);
        Check(reader, jobs, enabled, defersAll, policy);
        reader.RefuseTheRest();
        return enabled ? jobs : null;
    }

    private static void Check(SectionReader reader, JobPolicy jobs, bool enabled, bool defersAll, BackendPolicy policy)
    {
        if (jobs.FirstDelay > jobs.LongestDelay)
        {
            reader.Error("FirstDelay", $"{jobs.FirstDelay:c} is more than LongestDelay, {jobs.LongestDelay:c}. Raise LongestDelay or lower FirstDelay.");
        }

        if (enabled && policy.Overflow != Overflow.Wait)
        {
            reader.Error("", "jobs wait in the backend's queue, and this backend has none. Say Overflow: Defer or Overflow: Wait, or set Enabled to false.");
        }

        if (!enabled && defersAll)
        {
            reader.Error("Enabled", "'false' is not possible with Overflow: Defer. Choose Overflow: Wait or Refuse, or leave it out.");
        }

        if (!defersAll && reader.Has("DeferAfter"))
        {
            reader.Error("DeferAfter", "it is for Overflow: Defer. Without that a request waits as long as its Prefer header says.");
        }
    }

    private static JobPolicy ReadCallbacks(SectionReader reader, JobPolicy jobs)
    {
        var allowed = new List<string>();
        foreach (var (_, each) in reader.Children("Allow"))
        {
            if (Uri.TryCreate(each.Value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address.AbsoluteUri.EndsWith('/') && address.UserInfo.Length == 0)
            {
                allowed.Add(address.AbsoluteUri);
            }
            else
            {
                each.Error("", $"'{each.Value}' is not possible. Give how the addresses begin, with http or https and a slash at the end: https://hooks.example/jobs/.");
            }
        }

        var key = reader.Text("Key");
        if (allowed.Count > 0 && (key is null || key.Length < ShortestKey))
        {
            reader.Error("Key", $"missing or too short. Give at least {ShortestKey} characters that callbacks are signed with.");
        }

        reader.RefuseTheRest();
        return jobs with { Callbacks = allowed, CallbackKey = key };
    }

    private static JobTenants TenantsOf(BackendPolicy policy) => policy.Order is not { } order ? JobTenants.Alike : new JobTenants(
        order.TenantCap,
        order.Tenants.DistinctBy(rule => rule.Tenant, StringComparer.Ordinal).ToDictionary(rule => rule.Tenant, rule => new JobTenantRule(Math.Max(rule.Weight, 1), rule.Cap), StringComparer.Ordinal));

    private static int ReadPriority(SectionReader reader, BackendPolicy policy)
    {
        if (reader.Text("Priority") is not { } text)
        {
            return Priorities.Background;
        }

        if (PriorityNames.TryParse(policy, text, out var priority))
        {
            return priority;
        }

        reader.Error("Priority", string.Create(CultureInfo.InvariantCulture, $"'{text}' is not possible. Give {PriorityNames.Accepted(policy)}."));
        return Priorities.Background;
    }
}
