using System.Globalization;
using Admission.Capacity;
using Admission.Frontend.Profiles;
using Admission.Grains.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace Admission.Frontend.Configuration;

/// <summary>Reads one <c>Admission:Backends:{clusterId}</c>.</summary>
internal static class BackendReader
{
    // BackendPolicyRules names the policy's properties; people know them by where they stand in the file.
    private static readonly (string Property, string Key)[] Places =
    [
        ("QueueCapacity", "Queue:Capacity"), ("MaxWait", "Queue:MaxWait"), ("Discipline", "Queue:Discipline"), ("DelayTarget", "Queue:Target"),
        ("DelayInterval", "Queue:Interval"),
        ("Adaptive:Algorithm", "Limit:Adaptive:Algorithm"), ("Adaptive:Min", "Limit:Adaptive:Min"), ("Adaptive:Initial", "Limit:Adaptive:Initial"),
    ];

    private const Overflow Defer = (Overflow)(-1);

    /// <summary>With Defer only jobs wait so long: live requests are stored before.</summary>
    private static readonly TimeSpan JobsWait = TimeSpan.FromHours(1);

    /// <summary>Reads a backend; mistakes go to the reader's errors.</summary>
    public static BackendSettings Read(SectionReader reader, string name, ClusterConfig? cluster)
    {
        var isShadow = reader.Switch("Shadow") ?? false;
        var proposal = ProposedPolicy.Find(reader);
        var policy = ReadPolicy(reader, cluster, out var limitRule);
        var jobs = JobsReader.Read(reader.Child("Jobs"), string.Equals(reader.Text("Overflow")?.Trim(), nameof(Defer), StringComparison.OrdinalIgnoreCase), policy);
        policy = isShadow ? policy : JobsShare.Apply(policy, jobs);
        var settings = new BackendSettings(
            cluster?.ClusterId ?? name,
            policy,
            ReadBuffer(reader.Child("RequestBuffer"), BufferSettings.DefaultRequest),
            ReadBuffer(reader.Child("ResponseBuffer"), BufferSettings.DefaultResponse))
        {
            Classify = ClassifyReader.Read(reader.Child("Classify"), policy),
            LimitRule = limitRule,

            // Whether it is understood has been said with the limits.
            DestinationLimit = int.TryParse(reader.Text("DestinationLimit"), NumberStyles.None, CultureInfo.InvariantCulture, out var each) ? each : null,
            Hold = HoldReader.Read(reader, policy),

            // Where nothing is enforced everything finds a place.
            Jobs = isShadow ? null : jobs,
            IsEnforced = !isShadow,
            ShadowPolicy = isShadow ? policy : null,
        };
        reader.RefuseTheRest();
        if (isShadow && proposal is not null)
        {
            reader.Error(ProposedPolicy.Key, "with Shadow: true the policy itself is decided in shadow, and there is no other beside it. Leave one of the two out.");
        }

        return isShadow || proposal is null ? settings : settings with { ShadowPolicy = proposal.Read(cluster) is { } proposed ? JobsShare.Apply(proposed, jobs) : null };
    }

    /// <summary>Reads what a ledger enforces; mistakes go to the reader's errors. Keys of the section that are no part of it are left to the caller.</summary>
    public static BackendPolicy ReadPolicy(SectionReader reader, ClusterConfig? cluster, out string? limitRule)
    {
        var defaults = new BackendPolicy();
        var queue = reader.Child("Queue");
        var profile = ProfileReader.Read(reader, out var profileFailed);
        var ejection = reader.Child("Ejection");
        var overflow = ReadOverflow(reader);
        var policy = new BackendPolicy
        {
            // Jobs wait in the queue, and so do live requests for as long as they may.
            Overflow = overflow == Defer ? Overflow.Wait : overflow ?? defaults.Overflow,
            QueueCapacity = queue.Count("Capacity") ?? defaults.QueueCapacity,
            MaxWait = queue.Duration("MaxWait") ?? (overflow == Defer ? JobsWait : defaults.MaxWait),
            IgnoresPatience = queue.Choice("Patience", ("Learn", false), ("Off", true)) ?? (overflow == Defer || defaults.IgnoresPatience),
            Discipline = queue.Choice(
                "Discipline", ("Fifo", QueueDiscipline.Fifo), ("CoDel", QueueDiscipline.CoDel), ("AdaptiveLifo", QueueDiscipline.AdaptiveLifo)) ?? defaults.Discipline,
            DelayTarget = queue.Duration("Target") ?? defaults.DelayTarget,
            DelayInterval = queue.Duration("Interval") ?? defaults.DelayInterval,
            LeaseTtl = reader.Duration("LeaseTtl") ?? defaults.LeaseTtl,
            RunTimeout = reader.Duration("RunTimeout") ?? profile?.RunTimeout ?? defaults.RunTimeout,
            Quarantine = reader.Duration("Quarantine"),
            StopsWhenAbandoned = reader.Switch("StopsWhenAbandoned") ?? defaults.StopsWhenAbandoned,
            OnLeaseLost = reader.Choice("OnLeaseLost", ("Cancel", OnLeaseLost.Cancel), ("Continue", OnLeaseLost.Continue)) ?? defaults.OnLeaseLost,
            Order = QueueOrderReader.Read(reader),
            Ejection = ReadEjection(ejection, defaults.Ejection),
            SlowStart = reader.Duration("SlowStart"),
            ExplainWaitsOver = reader.Duration("ExplainWaitsOver") ?? defaults.ExplainWaitsOver,
        };
        var limits = new LimitReader(reader, cluster, profile);
        policy = policy with { Limit = limits.ReadTotal(), Destinations = limits.ReadDestinations() };
        policy = ProfileLimits.Apply(reader, profile, policy, out limitRule);
        policy = policy with { Adaptive = limits.ReadAdaptive(policy) };
        policy = ColdStartReader.Apply(queue.Child("ColdStart"), policy, limits.HasNoneAtPresent);
        if (reader.Has("Queue") && !reader.Has("Overflow"))
        {
            reader.Error("Overflow", "a Queue is given, but not whether it is used. Say Wait to use it, or Refuse to leave it unused.");
        }

        // Where a limit is there but not understood, that has been said: it is not missing.
        CheckPolicy(
            reader,
            (limits.Failed || profileFailed) && policy.Limit is null && policy.Destinations.Length == 0 ? policy with { Limit = 1, Adaptive = null } : policy);

        queue.RefuseTheRest();
        ejection.RefuseTheRest();
        return policy;
    }

    private static Overflow? ReadOverflow(SectionReader reader) =>
        reader.Choice("Overflow", ("Refuse", Overflow.Refuse), ("Wait", Overflow.Wait), ("Defer", Defer));

    private static EjectionPolicy ReadEjection(SectionReader reader, EjectionPolicy defaults)
    {
        var shortest = reader.Duration("ShortestPause");
        var longest = reader.Duration("LongestPause");
        return new EjectionPolicy
        {
            Enabled = reader.Switch("Enabled") ?? defaults.Enabled,
            Failures = reader.Count("Failures") ?? defaults.Failures,
            ShortestPause = shortest ?? Shorter(defaults.ShortestPause, longest),
            LongestPause = longest ?? Longer(defaults.LongestPause, shortest),
        };
    }

    // Where only one of them is given, the other's default gives way.
    private static TimeSpan Shorter(TimeSpan one, TimeSpan? other) => other is { } given && given < one ? given : one;

    private static TimeSpan Longer(TimeSpan one, TimeSpan? other) => other is { } given && given > one ? given : one;

    private static void CheckPolicy(SectionReader reader, BackendPolicy policy)
    {
        foreach (var error in BackendPolicyRules.Validate(policy))
        {
            var split = error.IndexOf(": ", StringComparison.Ordinal);
            var key = error[..split];
            foreach (var (property, place) in Places)
            {
                key = string.Equals(key, property, StringComparison.Ordinal) ? place : key;
            }

            reader.Error(QueueOrderReader.PlaceOf(key), error[(split + 2)..]);
        }
    }

    private static BufferSettings ReadBuffer(SectionReader reader, BufferSettings defaults)
    {
        var memory = reader.Bytes("Memory");
        var max = reader.Bytes("Max");
        var settings = new BufferSettings(
            reader.Switch("Enabled") ?? defaults.Enabled,
            SettingsReader.Within(reader, "Memory", memory ?? Math.Min(defaults.Memory, max ?? defaults.Memory), 1L << 30),
            SettingsReader.Within(reader, "Max", max ?? Math.Max(defaults.Max, memory ?? 0), 1L << 40));
        if (settings.Memory > settings.Max)
        {
            reader.Error("Memory", $"{settings.Memory} bytes are more than Max, {settings.Max} bytes. Raise Max or lower Memory.");
        }

        reader.RefuseTheRest();
        return settings;
    }
}
