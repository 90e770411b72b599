namespace Admission.LedgerBench;

/// <summary>Names made once.</summary>
internal static class TenantNames
{
    private static readonly string[] Names = [.. Enumerable.Range(0, 1_000).Select(number => $"tenant-{number}")];

    public static string Of(int number) => Names[number];
}
