// OpenLoop PORT REQUESTS_PER_SECOND SECONDS WORK_MS PATIENCE_MS: prints, separated by blanks,
//   served/s  refused/s  left/s  other/s  then p50 and p99 in ms of the served, and of the refused
// counted over the second half, when queues have settled; and last how many were served in all.
using Admission.EndToEnd.Load;

var numbers = args.Select(double.Parse).ToArray();
var load = await new OpenLoop((int)numbers[0], numbers[1], TimeSpan.FromSeconds(numbers[2]))
{
    WorkMs = numbers[3], Patience = TimeSpan.FromMilliseconds(numbers[4]),
}.RunAsync();

var half = load.Start + ((load.End - load.Start) / 2);
var answers = load.Answers.Where(answer => answer.Sent >= half).ToArray();
var seconds = Clock.Seconds(load.End - half);
Answer[] served = [.. answers.Where(answer => answer.Status == 200)];
Answer[] refused = [.. answers.Where(answer => answer.Status is 503 or 429)];
var left = answers.Count(answer => answer.Fault == "left");
Console.WriteLine(
    $"{served.Length / seconds:F1} {refused.Length / seconds:F1} {left / seconds:F1} " +
    $"{(answers.Length - served.Length - refused.Length - left) / seconds:F1} {Quantiles(served)} {Quantiles(refused)} {load.Answers.Count(answer => answer.Status == 200)}");

static string Quantiles(Answer[] some) =>
    some.Length == 0 ? "- -"
        : $"{LoadResult.Quantile(some, 0.5).TotalMilliseconds:F1} {LoadResult.Quantile(some, 0.99).TotalMilliseconds:F1}";
