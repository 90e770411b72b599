namespace Admission.Bench;

/// <summary>Measures things in turn, round after round, so that what disturbs the machine disturbs all of them.</summary>
public static class Rounds
{
    /// <summary>How many rounds: <c>RUNS</c> in the environment, else 3. At least 3 where the figures are published.</summary>
    public static int Count { get; } = Positive("RUNS", 3);

    /// <summary>How long one measurement takes: <c>SECONDS_EACH</c> in the environment, else <paramref name="seconds"/>.</summary>
    public static TimeSpan Each(int seconds) => TimeSpan.FromSeconds(Positive("SECONDS_EACH", seconds));

    /// <summary>The results of each subject, in the order of the rounds. Subjects take turns in being first.</summary>
    public static async Task<Dictionary<TSubject, List<TResult>>> MeasureAsync<TSubject, TResult>(
        IReadOnlyList<TSubject> subjects, Func<TSubject, Task<TResult>> measure)
        where TSubject : notnull
    {
        var results = subjects.ToDictionary(subject => subject, _ => new List<TResult>());
        for (var round = 0; round < Count; round++)
        {
            for (var turn = 0; turn < subjects.Count; turn++)
            {
                var subject = subjects[(turn + round) % subjects.Count];
                results[subject].Add(await measure(subject));
            }
        }

        return results;
    }

    private static int Positive(string variable, int otherwise) => Environment.GetEnvironmentVariable(variable) switch
    {
        null or "" => otherwise,
        var text when int.TryParse(text, out var number) && number > 0 => number,
        var text => throw new InvalidOperationException($"{variable}={text} is not a positive whole number."),
    };
}
