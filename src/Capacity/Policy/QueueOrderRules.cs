namespace Admission.Capacity;

/// <summary>The bounds of a <see cref="QueueOrder"/>. Every mistake is found at once, named by its property.</summary>
public static class QueueOrderRules
{
    /// <summary>The most characters of a tenant's name.</summary>
    public const int LongestTenant = 200;

    /// <summary>The most tenants with rules of their own.</summary>
    public const int MostTenants = 1_000;

    /// <summary>The largest weight of a tenant.</summary>
    public const int LargestWeight = 1_000;

    private const int LongestName = 50;

    /// <summary>Adds what is wrong with an order to a list, each line starting with the property's name.</summary>
    internal static void Validate(QueueOrder order, List<string> errors)
    {
        CheckLevels(order.Levels, errors);
        if (order.TenantCap is { } cap)
        {
            BackendPolicyRules.CheckCount(errors, "Order:TenantCap", cap, 1, BackendPolicyRules.LargestLimit);
        }

        if (order.TenantBurst is { } burst)
        {
            BackendPolicyRules.CheckCount(errors, "Order:TenantBurst", burst, 0, BackendPolicyRules.LargestLimit);
        }

        if (order.Tenants.Length > MostTenants)
        {
            errors.Add($"Order:Tenants: {order.Tenants.Length} are given, at most {MostTenants} are possible. Give the others the weight and the cap of everybody.");
        }

        var tenants = new HashSet<string>(StringComparer.Ordinal);
        foreach (var rule in order.Tenants)
        {
            if (string.IsNullOrEmpty(rule.Tenant) || rule.Tenant.Length > LongestTenant)
            {
                errors.Add($"Order:Tenants: '{rule.Tenant}' is no tenant. Give a name of 1 to {LongestTenant} characters.");
            }
            else if (!tenants.Add(rule.Tenant))
            {
                errors.Add($"Order:Tenants: '{rule.Tenant}' is given twice. Give each tenant one rule.");
            }

            BackendPolicyRules.CheckCount(errors, $"Order:Tenants:{rule.Tenant}:Weight", rule.Weight, 1, LargestWeight);
            if (rule.Cap is { } own)
            {
                BackendPolicyRules.CheckCount(errors, $"Order:Tenants:{rule.Tenant}:Cap", own, 1, BackendPolicyRules.LargestLimit);
            }
        }
    }

    private static void CheckLevels(QueueLevel[] levels, List<string> errors)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var numbers = new HashSet<int>();
        var shares = 0L;
        foreach (var level in levels)
        {
            if (string.IsNullOrWhiteSpace(level.Name) || level.Name.Length > LongestName)
            {
                errors.Add($"Order:Levels: '{level.Name}' is no name. Give each priority a name of 1 to {LongestName} characters.");
            }
            else if (!names.Add(level.Name))
            {
                errors.Add($"Order:Levels: '{level.Name}' is given twice. Give each priority a name of its own.");
            }

            BackendPolicyRules.CheckCount(errors, $"Order:Levels:{level.Name}:Priority", level.Priority, Priorities.Critical, Priorities.Lowest);
            if (!numbers.Add(level.Priority))
            {
                errors.Add($"Order:Levels:{level.Name}:Priority: {level.Priority} is given to two names. Give each a number of its own.");
            }

            BackendPolicyRules.CheckCount(errors, $"Order:Levels:{level.Name}:Share", level.Share, 0, 100);
            shares += Math.Clamp(level.Share, 0, 100);
        }

        if (shares > 100)
        {
            errors.Add($"Order:Levels: the shares add up to {shares} percent. Lower them to 100 in all or less.");
        }
    }
}
