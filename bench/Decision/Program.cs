using Admission.Decision;
using BenchmarkDotNet.Running;

BenchmarkSwitcher.FromTypes([typeof(AdmitAndRelease), typeof(RefuseAtOnce)]).Run(args.Length == 0 ? ["--filter", "*"] : args);
